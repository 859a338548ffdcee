import SwiftletBytes

extension SwiftletError.Code {
    /// An unknown model family or `model_type`.
    public static let unknownFamily = Self("configuration.family", .unsupported)
    /// A configuration key whose value changes the model in an unsupported way.
    public static let unsupportedKey = Self("configuration.unsupported", .unsupported)
    /// `config.json` is JSON, but not an object.
    public static let configurationForm = Self("configuration.form", .badData)
    /// A configuration key that is missing or has an invalid value.
    public static let configurationValue = Self("configuration.value", .badData)
    /// The weights are in a format that is not supported.
    public static let unsupportedFormat = Self("checkpoint.format", .unsupported)
    /// A folder without weights.
    public static let noWeights = Self("checkpoint.noWeights", .noInput)
    /// Tensors are missing, unexpected or of the wrong shape.
    public static let tensorMismatch = Self("checkpoint.tensors", .badData)
    /// A dtype that an operation does not support.
    public static let unsupportedDType = Self("checkpoint.dtype", .unsupported)

    /// A malformed index of shards.
    public static let shardIndex = Self("shards.index", .badData)
    /// An index that names a file outside its folder.
    public static let shardPath = Self("shards.path", .badData)
    /// A file that the index names does not exist.
    public static let shardMissing = Self("shards.missing", .noInput)
    /// A tensor is not in the file that the index names for it.
    public static let shardTensorMissing = Self("shards.tensorMissing", .badData)
    /// A tensor is in two files, or twice in the index.
    public static let shardTensorTwice = Self("shards.tensorTwice", .badData)
    /// A shard has a tensor that the index does not list.
    public static let shardTensorUnlisted = Self("shards.tensorUnlisted", .badData)

    /// A model that is neither an existing path nor in the local Hugging Face cache.
    public static let modelNotFound = Self("model.notFound", .noInput)
}
