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
            let value = try JSONValue.read(path: file)["eos_token_id"]
            let ids = try ids(value, file: file)
            if !ids.isEmpty { return ids }
        }
        return try ids(configuration.object["eos_token_id"], file: configuration.path)
    }

    private static func ids(_ value: JSONValue?, file: String) throws(SwiftletError) -> [Int32] {
        guard let value, value != .null else { return [] }
        var ids: [Int32] = []
        for item in value.array ?? [value] {
            guard let number = item.int, let id = Int32(exactly: number), id >= 0 else {
                throw SwiftletError(
                    .configurationValue, file: file, "\(item.text()) is not a token id",
                    at: "key \"eos_token_id\"")
            }
            ids.append(id)
        }
        return ids
    }
}
