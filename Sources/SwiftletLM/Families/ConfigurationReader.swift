import SwiftletBytes
import SwiftletCheckpoint

/// Typed access to a configuration's keys; null counts as absent, as in transformers.
struct ConfigurationReader {
    private let configuration: ModelConfiguration

    init(_ configuration: ModelConfiguration) { self.configuration = configuration }

    private func value(_ key: String) -> JSONValue? {
        let value = configuration.object[key]
        return value == .null ? nil : value
    }

    func bool(_ key: String, default standard: Bool) throws(SwiftletError) -> Bool {
        guard let value = value(key) else { return standard }
        guard let bool = value.bool else { throw wrong(key, value, "true or false") }
        return bool
    }

    func string(_ key: String, default standard: String) throws(SwiftletError) -> String {
        guard let value = value(key) else { return standard }
        guard let string = value.string else { throw wrong(key, value, "a string") }
        return string
    }

    func positive(_ key: String, default standard: Double) throws(SwiftletError) -> Double {
        guard let value = value(key) else { return standard }
        guard let number = value.double, number > 0, number.isFinite else {
            throw wrong(key, value, "a positive number")
        }
        return number
    }

    private func wrong(_ key: String, _ value: JSONValue, _ expected: String) -> SwiftletError {
        SwiftletError(
            .configurationValue, file: configuration.path,
            "\(value.text()) is not \(expected)", at: "key \"\(key)\"")
    }

    func unsupported(_ key: String, _ reason: String) -> SwiftletError {
        SwiftletError(
            .unsupportedKey, file: configuration.path, reason, at: "key \"\(key)\"")
    }
}
