import SwiftletBytes
import SwiftletLM

/// FNV-1a with 64 bits: tells by one number whether two runs see the same things. No protection
/// against someone who wants two to look alike.
struct Fingerprint {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01b3
        }
    }

    mutating func add(_ value: Int32) {
        let bits = UInt32(bitPattern: value)
        add((0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
    }

    /// The number in hexadecimal digits.
    var text: String { String(hash, radix: 16) }

    /// All tokens and labels: other data, another tokenizer or another length show.
    static func of(_ examples: [TrainingExample]) -> String {
        var print = Fingerprint()
        for example in examples {
            print.add(Int32(truncatingIfNeeded: example.ids.count))
            for (id, label) in zip(example.ids, example.labels) {
                print.add(id)
                print.add(label)
            }
        }
        return print.text
    }

    /// A model's tensors by name, dtype, shape and the bytes at both ends of each.
    static func of(_ model: LanguageModel) throws(SwiftletError) -> String {
        var print = Fingerprint()
        for item in model.resolved.modelTensors {
            let tensor = item.tensor
            print.add("\(item.canonical) \(tensor.dtype.rawValue) \(tensor.shape)".utf8)
            let bytes = try (tensor.transposeOf ?? tensor).bytes
            let end = min(64, bytes.count)
            print.add(bytes[0..<end].copy())
            print.add(bytes[bytes.count - end..<bytes.count].copy())
        }
        return print.text
    }
}
