import SwiftletBytes

// One code per check. formats/gguf.md defines each check and notes where llama.cpp and the gguf package
// decide differently.
extension SwiftletError.Code {
    /// The file does not begin with `GGUF`.
    public static let ggufMagic = Self("gguf.magic", .badData)
    /// The version is not 2 or 3.
    public static let ggufVersion = Self("gguf.version", .unsupported)
    /// The file was written for processors that store the highest byte first.
    public static let ggufBigEndian = Self("gguf.bigEndian", .unsupported)
    /// The file ends inside its header, or a string or an array extends past its end.
    public static let ggufTruncated = Self("gguf.truncated", .badData)
    /// The header claims more entries than the file has bytes for.
    public static let ggufCount = Self("gguf.count", .badData)
    /// A key or the name of a tensor is not UTF-8.
    public static let ggufNotUTF8 = Self("gguf.notUTF8", .badData)
    /// A key occurs more than once.
    public static let ggufDuplicateKey = Self("gguf.duplicateKey", .badData)
    /// The kind of a metadata value is not one of the thirteen that exist.
    public static let ggufKind = Self("gguf.kind", .badData)
    /// Arrays are nested more deeply than ``GGUFFormat/nestingLimit``.
    public static let ggufNesting = Self("gguf.nesting", .badData)
    /// `general.alignment` is not a u32, or not a power of two.
    public static let ggufAlignment = Self("gguf.alignment", .badData)
    /// Two tensors have the same name.
    public static let ggufDuplicateTensor = Self("gguf.duplicateTensor", .badData)
    /// A tensor has more than ``GGUFFormat/dimensionLimit`` dimensions.
    public static let ggufDimensions = Self("gguf.dimensions", .badData)
    /// The size of a tensor overflows.
    public static let ggufOverflow = Self("gguf.overflow", .badData)
    /// The elements have a type that this version does not read.
    public static let ggufTensorType = Self("gguf.tensorType", .unsupported)
    /// The rows of a tensor are not whole blocks.
    public static let ggufPartialBlock = Self("gguf.partialBlock", .badData)
    /// The data of a tensor does not begin at a multiple of the alignment.
    public static let ggufMisaligned = Self("gguf.misaligned", .badData)
    /// The data of two tensors overlap.
    public static let ggufOverlap = Self("gguf.overlap", .badData)
    /// The data of a tensor extends past the end of the file.
    public static let ggufDataEnd = Self("gguf.dataEnd", .badData)

    /// The tensors or the metadata cannot be stored in a file that llama.cpp reads.
    public static let ggufUnwritable = Self("gguf.unwritable", .unsupported)
    /// The bytes given to a writer do not match its declarations: a defect of the caller.
    public static let ggufWriter = Self("gguf.writer", .defect)
}
