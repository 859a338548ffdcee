import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

// The values of a configuration that decide how a decoder computes.

extension JSONFields {
    /// An integer of at least `least`; `standard` if the key is absent, nil if the value is null.
    func count(
        _ key: String, default standard: Int, least: Int = 1
    ) throws(SwiftletError) -> Int? {
        guard let value = object[key] else { return standard }
        if value == .null { return nil }
        return try int(value, key, in: least...Int(Int32.max))
    }

    /// The fields of a nested object; nil if it is absent or, as in transformers, empty.
    func nested(_ key: String) throws(SwiftletError) -> JSONFields? {
        guard let inner = try fields(key), !inner.object.pairs.isEmpty else { return nil }
        return inner
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

    /// An error for a value that has a meaning, but not one that is supported.
    func unsupported(_ key: String, _ reason: String) -> SwiftletError {
        failure(key, reason, .unsupportedKey)
    }
}
