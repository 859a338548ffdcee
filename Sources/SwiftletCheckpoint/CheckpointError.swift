import SwiftletBytes

extension SwiftletError.Code {
    /// A configuration or checkpoint of a kind that Swiftlet does not know: a `model_type`, a
    /// weight format.
    public static let unknownFamily = Self("configuration.family", .unsupported)
    /// A configuration key whose value changes the model in a way that is not supported.
    public static let unsupportedKey = Self("configuration.unsupported", .unsupported)
    /// `config.json` is JSON, but no object.
    public static let configurationForm = Self("configuration.form", .badData)
    /// A configuration key that is missing or has an impossible value.
    public static let configurationValue = Self("configuration.value", .badData)
    /// The weights are in a format that Swiftlet cannot read yet.
    public static let unsupportedFormat = Self("checkpoint.format", .unsupported)
    /// A folder without weights.
    public static let noWeights = Self("checkpoint.noWeights", .noInput)
    /// Tensors are missing, unexpected or of the wrong shape.
    public static let tensorMismatch = Self("checkpoint.tensors", .badData)
    /// A dtype that an operation cannot work on.
    public static let unsupportedDType = Self("checkpoint.dtype", .unsupported)
}
