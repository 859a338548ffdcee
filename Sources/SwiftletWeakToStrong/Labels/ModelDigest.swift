import SwiftletBytes
import SwiftletCheckpoint
import SwiftletDigests
import SwiftletLM

/// The SHA-256 of a model's weights, by which label files name it.
public enum ModelDigest {
    /// Computes the hash of all tensors in the order of their canonical names, and of those of an
    /// adapter: for each its name, dtype and shape in one line, then its bytes.
    ///
    /// - Parameters:
    ///   - model: a model.
    ///   - adapter: the folder of an adapter that is used with it; nil for none.
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: the errors of reading the tensors, `SwiftletError.Code.digestLibrary`, and
    ///   `SwiftletError.Code.cancelled`.
    public static func sha256(of model: LanguageModel, adapter: String? = nil)
        throws(SwiftletError) -> String
    {
        let digest = try SHADigest(.sha256)
        let tensors = model.resolved.modelTensors.map { (name: $0.canonical, tensor: $0.tensor) }
        try digest.add(tensors)
        if let adapter {
            try digest.add(
                try AdapterFolder(adapter).storedTensors.map { (name: $0.name, tensor: $0) })
        }
        return try digest.digits()
    }
}

extension SHADigest {
    fileprivate func add(_ tensors: [(name: String, tensor: StoredTensor)]) throws(SwiftletError) {
        let ordered = tensors.sorted { Array($0.name.utf8).lexicographicallyPrecedes($1.name.utf8) }
        for (name, tensor) in ordered {
            try SwiftletError.checkCancellation()
            try update(Array("\(name) \(tensor.dtype.rawValue) \(tensor.shape)\n".utf8))
            try (tensor.transposeOf ?? tensor).bytes.withUnsafeBytes {
                (bytes) throws(SwiftletError) in try update(bytes)
            }
        }
    }

    /// Appends a text, preceded by its length in eight bytes, the lowest first, so that texts in
    /// sequence cannot be mistaken for others.
    func add(_ text: String) throws(SwiftletError) { try add(Array(text.utf8)) }

    /// Appends bytes, preceded by their number in eight bytes, the lowest first.
    func add(_ bytes: [UInt8]) throws(SwiftletError) {
        let count = UInt64(bytes.count)
        try update((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + bytes)
    }

    /// Appends what is labelled.
    func add(_ input: LabelInput) throws(SwiftletError) {
        switch input {
        case .text(let text): try add(text)
        case .ids(let ids): try add(Array(ids.map(String.init).joined(separator: " ").utf8))
        }
    }
}
