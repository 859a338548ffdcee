import SwiftletBytes
import SwiftletLM

/// A hash that shows whether two runs have the same data and model.
struct Fingerprint {
    private var hash = FNV1a()

    private mutating func add(_ bytes: some Sequence<UInt8>) { hash.add(bytes) }

    /// Adds a number's bytes, the lowest first.
    private mutating func add(_ value: Int32) {
        let bits = UInt32(bitPattern: value)
        for place in 0..<4 { hash.add(UInt8(truncatingIfNeeded: bits >> (8 * place))) }
    }

    /// The hash in hexadecimal digits.
    var text: String { String(hash.value, radix: 16) }

    /// Adds an example's tokens and targets: the hash differs for other data, another tokenizer or
    /// another maximum length.
    mutating func add(_ example: TrainingExample) {
        // One sequence is the rule; the number of several is part of the data.
        if example.sequences.count != 1 {
            add(-Int32(truncatingIfNeeded: example.sequences.count))
        }
        for sequence in example.sequences { add(sequence) }
    }

    private mutating func add(_ sequence: LabelledSequence) {
        add(Int32(truncatingIfNeeded: sequence.ids.count))
        switch sequence.targets {
        case .tokens(let labels):
            for (id, label) in zip(sequence.ids, labels) {
                add(id)
                add(label)
            }
        case .distributions(let targets):
            for (id, target) in zip(sequence.ids, targets) {
                add(id)
                add(target ?? .index(TrainingExample.noLoss))
            }
        case .label(let target):
            for id in sequence.ids { add(id) }
            add(target)
        }
        if let reference = sequence.referenceLogProbability { add(reference) }
        // Neither is there in most data.
        if sequence.weight != 1 { add(sequence.weight) }
        for scores in sequence.wordScores {
            add(scores.weight)
            for word in scores.words { add(Int32(truncatingIfNeeded: word)) }
            for logProbability in scores.logProbabilities { add(logProbability) }
        }
    }

    /// Adds a number's bytes, the lowest first.
    private mutating func add(_ value: Double) {
        add(withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init))
    }

    private mutating func add(_ target: TargetDistribution) {
        switch target {
        case .index(let index): add(index)
        case .dense(let probabilities):
            for probability in probabilities { add(Int32(bitPattern: probability.bitPattern)) }
        case .sparse(let indices, let probabilities):
            for (index, probability) in zip(indices, probabilities) {
                add(index)
                add(Int32(bitPattern: probability.bitPattern))
            }
        }
    }

    /// A fingerprint of a model's tensors: names, dtypes, shapes, and the bytes at both ends of each.
    static func of(_ model: LanguageModel) throws(SwiftletError) -> String {
        var print = Fingerprint()
        for item in model.resolved.modelTensors { try print.add(item.tensor, item.canonical) }
        return print.text
    }

    /// A fingerprint of an adapter's tensors.
    static func of(_ adapter: AdapterFolder) throws(SwiftletError) -> String {
        var print = Fingerprint()
        for tensor in adapter.storedTensors { try print.add(tensor, tensor.name) }
        return print.text
    }

    private mutating func add(_ tensor: StoredTensor, _ name: String) throws(SwiftletError) {
        add("\(name) \(tensor.dtype.rawValue) \(tensor.shape)".utf8)
        let bytes = try (tensor.transposeOf ?? tensor.reorderingOf?.tensor ?? tensor).bytes
        let end = min(64, bytes.count)
        add(bytes[0..<end].copy())
        add(bytes[bytes.count - end..<bytes.count].copy())
    }
}
