import SwiftletBytes

// One code per check, in the order in which the reader makes them. formats/safetensors.md defines
// each check and notes where the reference library decides differently.
extension SwiftletError.Code {
    /// The file is shorter than the 8 bytes that hold the header's length.
    public static let safetensorsTooShort = Self("safetensors.tooShort", .badData)
    /// The header's length exceeds ``SafetensorsFormat/headerLimit``.
    public static let safetensorsHeaderTooLarge = Self("safetensors.headerTooLarge", .badData)
    /// The header extends past the end of the file.
    public static let safetensorsHeaderPastEnd = Self("safetensors.headerPastEnd", .badData)
    /// The header is not UTF-8.
    public static let safetensorsHeaderNotUTF8 = Self("safetensors.headerNotUTF8", .badData)
    /// The header is not a single JSON text, or is nested too deeply.
    public static let safetensorsHeaderNotJSON = Self("safetensors.headerNotJSON", .badData)
    /// The header is JSON, but not an object.
    public static let safetensorsHeaderNotObject = Self("safetensors.headerNotObject", .badData)
    /// A tensor name, a metadata key or a field of a tensor occurs more than once.
    public static let safetensorsDuplicateKey = Self("safetensors.duplicateKey", .badData)
    /// `__metadata__` is not an object of strings.
    public static let safetensorsMetadata = Self("safetensors.metadata", .badData)
    /// A tensor's entry lacks a field, or a field is malformed.
    public static let safetensorsEntry = Self("safetensors.entry", .badData)
    /// The dtype is not one that safetensors 0.8 defines.
    public static let safetensorsUnknownDType = Self("safetensors.unknownDType", .unsupported)
    /// The tensors are not contiguous from offset 0: they leave a gap or overlap.
    public static let safetensorsOffsets = Self("safetensors.offsets", .badData)
    /// A size overflows.
    public static let safetensorsOverflow = Self("safetensors.overflow", .badData)
    /// Elements smaller than a byte do not fill the last byte.
    public static let safetensorsPartialByte = Self("safetensors.partialByte", .badData)
    /// The offsets of a tensor do not span the bytes that its shape and dtype require.
    public static let safetensorsSize = Self("safetensors.size", .badData)
    /// The tensors do not end where the file ends.
    public static let safetensorsDataEnd = Self("safetensors.dataEnd", .badData)

    /// The bytes given to a writer do not match its declarations: a defect of the caller.
    public static let safetensorsWriter = Self("safetensors.writer", .defect)
}
