import SwiftletBytes
import SwiftletCheckpoint

/// A model folder's `generation_config.json`: the tokens at which generation stops, and the settings
/// that transformers' `generate` starts from.
///
/// The file is optional, so opening a model never fails by it. As in the reference, one that cannot be
/// read counts as absent; a value that cannot be used is an error of what uses it.
public struct GenerationConfiguration: Sendable {
    /// The keys and values; nil without a readable file.
    let fields: JSONFields?
    /// The tokens at which generation stops: `eos_token_id` of this file, else of config.json; may be
    /// empty.
    public let stopTokens: [Int32]
    /// The error of an `eos_token_id` that is neither a token nor a list of tokens; nil for a usable
    /// one.
    public let stopTokenError: SwiftletError?
    /// Sentences for the user about what could not be read.
    public let notes: [String]

    /// Reads the file of a folder, if there is one.
    init(path: String, _ configuration: ModelConfiguration) {
        var notes: [String] = []
        var fields: JSONFields?
        let file = FileSystem.join(path, "generation_config.json")
        if FileSystem.isFile(file) {
            do throws(SwiftletError) {
                fields = try JSONFields(
                    try JSONValue.read(path: file), file: file, code: .configurationValue)
            } catch {
                let place = error.place.map { ", \($0)" } ?? ""
                notes.append(
                    "generation_config.json is passed over, as it cannot be read: "
                        + "\(error.reason)\(place)")
            }
        }
        self.fields = fields
        var tokens: [Int32] = []
        var failure: SwiftletError?
        do throws(SwiftletError) {
            var own: [Int32]?
            if let fields { own = try Self.stopTokens(fields, &notes) }
            if own == nil { own = try Self.stopTokens(configuration.fields, &notes) }
            tokens = own ?? []
        } catch {
            failure = error
        }
        (stopTokens, stopTokenError, self.notes) = (tokens, failure, notes)
    }

    /// The tokens of `eos_token_id`; nil without that key, and for an empty list, which says no more.
    ///
    /// Negative numbers, which some files have for "none", are no tokens and never stop anything.
    private static func stopTokens(
        _ fields: JSONFields, _ notes: inout [String]
    ) throws(SwiftletError) -> [Int32]? {
        let key = "eos_token_id"
        guard let value = fields[key] else { return nil }
        func token(_ value: JSONValue) -> Int32? { value.int.flatMap { Int32(exactly: $0) } }
        let all: [Int32]
        if value.array != nil {
            all = try fields.elements(key, as: "a token id", token) ?? []
        } else {
            all = [try fields.read(value, key, as: "a token id", token)]
        }
        if all.isEmpty { return nil }
        if let negative = all.first(where: { $0 < 0 }) {
            notes.append(
                "\(fields.file.map(FileSystem.name) ?? key): \(negative) in \(key) is not a token id, "
                    + "and stops nothing")
        }
        return all.filter { $0 >= 0 }
    }
}
