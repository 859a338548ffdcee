/// Constants of the format (safetensors 0.8, `tensor.rs`).
public enum SafetensorsFormat {
    /// The size in bytes of the header length, an unsigned little-endian integer.
    public static let lengthBytes = 8
    /// The longest accepted header, in bytes.
    public static let headerLimit = 100_000_000
    /// The writer pads the header with spaces to a multiple of this many bytes.
    public static let headerAlignment = 8
    /// The one header key that does not name a tensor.
    public static let metadataKey = "__metadata__"
}
