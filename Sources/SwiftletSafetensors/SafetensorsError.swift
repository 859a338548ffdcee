import SwiftletBytes

// One code a rung of the ladder that every file climbs, in the order of the climb.
// formats/safetensors.md says what each means and what the reference says of the same file.
extension SwiftletError.Code {
    /// The file has fewer than the 8 bytes of the header's length.
    public static let safetensorsTooShort = Self("safetensors.tooShort", .badData)
    /// The header's length is over ``SafetensorsFormat/headerLimit``.
    public static let safetensorsHeaderTooLarge = Self("safetensors.headerTooLarge", .badData)
    /// The header's length reaches past the end of the file.
    public static let safetensorsHeaderPastEnd = Self("safetensors.headerPastEnd", .badData)
    /// The header is not UTF-8.
    public static let safetensorsHeaderNotUTF8 = Self("safetensors.headerNotUTF8", .badData)
    /// The header is not one JSON text, or nested too deep.
    public static let safetensorsHeaderNotJSON = Self("safetensors.headerNotJSON", .badData)
    /// The header is JSON, but no object.
    public static let safetensorsHeaderNotObject = Self("safetensors.headerNotObject", .badData)
    /// A tensor's name, a metadata key or a field of a tensor stands twice.
    public static let safetensorsDuplicateKey = Self("safetensors.duplicateKey", .badData)
    /// `__metadata__` is not an object of strings.
    public static let safetensorsMetadata = Self("safetensors.metadata", .badData)
    /// A tensor's entry lacks a field, or a field has the wrong form.
    public static let safetensorsEntry = Self("safetensors.entry", .badData)
    /// A dtype that safetensors 0.8 does not know.
    public static let safetensorsUnknownDType = Self("safetensors.unknownDType", .unsupported)
    /// The tensors do not follow each other without gap or overlap from offset 0.
    public static let safetensorsOffsets = Self("safetensors.offsets", .badData)
    /// A size is too large for the arithmetic.
    public static let safetensorsOverflow = Self("safetensors.overflow", .badData)
    /// Elements smaller than a byte do not fill their last byte.
    public static let safetensorsPartialByte = Self("safetensors.partialByte", .badData)
    /// The bytes of a tensor are not as many as its shape and dtype ask for.
    public static let safetensorsSize = Self("safetensors.size", .badData)
    /// The data end before or after the end of the file.
    public static let safetensorsDataEnd = Self("safetensors.dataEnd", .badData)

    /// A writer was given other bytes than it was promised: a defect of the caller.
    public static let safetensorsWriter = Self("safetensors.writer", .defect)
}
