import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// Typed access to the keys of a configuration; as in transformers, null counts as absent.
struct ConfigurationReader {
    private let object: JSONObject
    private let path: String
    /// The key of the nested object that is read; nil for the configuration itself.
    private let parent: String?

    init(_ configuration: ModelConfiguration) {
        object = configuration.object
        path = configuration.path
        parent = nil
    }

    /// Reads an object nested in the configuration of `outer`.
    init(_ outer: ConfigurationReader, _ object: JSONObject, in parent: String?) {
        self.object = object
        path = outer.path
        self.parent = parent
    }

    private func value(_ key: String) -> JSONValue? {
        let value = object[key]
        return value == .null ? nil : value
    }

    func bool(_ key: String, default standard: Bool) throws(SwiftletError) -> Bool {
        guard let value = value(key) else { return standard }
        guard let bool = value.bool else {
            throw wrong(key, "\(value.text()) is not true or false")
        }
        return bool
    }

    func string(_ key: String, default standard: String) throws(SwiftletError) -> String {
        guard let value = value(key) else { return standard }
        guard let string = value.string else { throw wrong(key, "\(value.text()) is not a string") }
        return string
    }

    func positive(_ key: String, default standard: Double) throws(SwiftletError) -> Double {
        try number(key) ?? standard
    }

    /// A positive number; nil if the key is absent.
    func number(_ key: String) throws(SwiftletError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double, number > 0, number.isFinite else {
            throw wrong(key, "\(value.text()) is not a positive number")
        }
        return number
    }

    /// An integer of at least `least`; nil if the value is null.
    func count(_ key: String, default standard: Int, least: Int = 1) throws(SwiftletError)
        -> Int?
    {
        guard let value = object[key] else { return standard }
        if value == .null { return nil }
        guard let number = value.int, number >= least, number <= Int(Int32.max) else {
            throw wrong(key, "\(value.text()) is not an integer of at least \(least)")
        }
        return number
    }

    /// A list of strings; nil if the key is absent.
    func strings(_ key: String) throws(SwiftletError) -> [String]? {
        guard let value = value(key) else { return nil }
        let strings = value.array?.map(\.string)
        guard let strings, strings.allSatisfy({ $0 != nil }) else {
            throw wrong(key, "\(value.text()) is not a list of strings")
        }
        return strings.compactMap(\.self)
    }

    /// The keys of a nested object; nil if it is absent or, as in transformers, empty.
    func nested(_ key: String) throws(SwiftletError) -> ConfigurationReader? {
        guard let value = value(key) else { return nil }
        guard let inner = value.object else { throw wrong(key, "\(value.text()) is not an object") }
        return inner.pairs.isEmpty ? nil : ConfigurationReader(self, inner, in: key)
    }

    /// An activation function.
    func activation(_ key: String, default standard: String) throws(SwiftletError) -> Activation {
        let name = try string(key, default: standard)
        guard let activation = Activation(name: name) else {
            throw unsupported(key, "the activation \"\(name)\" is not supported")
        }
        return activation
    }

    /// A layer norm whose epsilon is the value of a key.
    func layerNorm(_ key: String) throws(SwiftletError) -> DecoderDescription.Norm {
        .init(kind: .layer, epsilon: Float(try positive(key, default: 1e-5)))
    }

    /// An RMS norm whose epsilon is the value of a key.
    func rmsNorm(_ key: String) throws(SwiftletError) -> DecoderDescription.Norm {
        .init(kind: .rms, epsilon: Float(try positive(key, default: 1e-6)))
    }

    func wrong(_ key: String, _ reason: String) -> SwiftletError {
        SwiftletError(.configurationValue, file: path, reason, at: place(key))
    }

    func unsupported(_ key: String, _ reason: String) -> SwiftletError {
        SwiftletError(.unsupportedKey, file: path, reason, at: place(key))
    }

    private func place(_ key: String) -> String {
        parent.map { "key \"\(key)\" of \"\($0)\"" } ?? "key \"\(key)\""
    }
}
