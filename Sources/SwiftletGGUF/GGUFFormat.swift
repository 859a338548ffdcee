/// Constants of the format (llama.cpp, `ggml/include/gguf.h` and `ggml.h`).
public enum GGUFFormat {
    /// The first four bytes of a file.
    public static let magic: [UInt8] = Array("GGUF".utf8)
    /// The version that the writer writes.
    public static let version = 3
    /// The key of the alignment of the tensors' data, a u32.
    public static let alignmentKey = "general.alignment"
    /// The alignment of a file without that key, in bytes.
    public static let defaultAlignment = 32
    /// The largest number of dimensions of a tensor.
    public static let dimensionLimit = 4
    /// The largest number of bytes of a tensor's name that llama.cpp reads.
    public static let nameLimit = 63
    /// The depth to which arrays may be nested.
    public static let nestingLimit = 8
}
