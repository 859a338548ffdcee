import SwiftletBytes
import SwiftletCheckpoint

/// The tokens at which generation stops, as a model folder's files list them.
enum StopTokens {
    /// `eos_token_id` of generation_config.json, else of config.json: a number or a list.
    ///
    /// - Returns: the ids in the order listed; empty when neither file names one.
    /// - Throws: bad data (65) for a value that is neither.
    static func read(path: String, _ configuration: ModelConfiguration) throws(SwiftletError)
        -> [Int32]
    {
        let file = FileSystem.join(path, "generation_config.json")
        if FileSystem.isFile(file) {
            let settings = try JSONValue.read(path: file).object ?? [:]
            let ids = try ids(JSONFields(settings, file: file, code: .configurationValue))
            if !ids.isEmpty { return ids }
        }
        return try ids(configuration.fields)
    }

    private static func ids(_ fields: JSONFields) throws(SwiftletError) -> [Int32] {
        let key = "eos_token_id"
        if fields[key]?.array != nil {
            return try fields.elements(key, as: "a token id", \.nonNegativeInt32) ?? []
        }
        return try fields.read(key, as: "a token id", \.nonNegativeInt32).map { [$0] } ?? []
    }
}
