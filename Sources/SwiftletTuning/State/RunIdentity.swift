import SwiftletBytes

/// What a run is a function of. It goes on only where all of it is the same.
struct RunIdentity {
    /// Option names and values, in a fixed order.
    let object: JSONObject

    init(_ options: FineTuneOptions, totalSteps: Int, examples: [TrainingExample]) {
        var object = JSONObject()
        object.append("batch-size", JSONValue(options.batchSize))
        object.append("micro-batch-size", JSONValue(options.microBatchSize ?? options.batchSize))
        object.append("steps", JSONValue(totalSteps))
        object.append("lr", JSONValue(finite: options.learningRate))
        object.append("warmup", JSONValue(options.warmup))
        object.append("schedule", .string(options.schedule.rawValue))
        object.append("weight-decay", JSONValue(finite: options.weightDecay))
        object.append("decay", .string(options.decay.rawValue))
        object.append("clip", JSONValue(finite: options.clip))
        object.append("loss-mean", .string(options.lossMean.rawValue))
        object.append("seed", .string(String(options.seed)))
        object.append("shuffle", .bool(options.shuffles))
        object.append("data-lines", JSONValue(examples.count))
        object.append("data-fingerprint", .string(Self.fingerprint(examples)))
        self.object = object
    }

    /// - Throws: ``SwiftletError/Code/otherRun`` naming the first difference.
    func check(against saved: JSONObject, file: String) throws(SwiftletError) {
        for (key, value) in object.pairs where saved[key] != value {
            throw SwiftletError(
                .otherRun, file: file,
                "the run was started with \(saved[key]?.text() ?? "nothing"), not \(value.text())",
                at: "\"\(key)\"",
                hint: "resume with the same settings and data, or start anew in another folder")
        }
    }

    /// FNV-1a over all tokens and labels: other data, another tokenizer or another length show.
    private static func fingerprint(_ examples: [TrainingExample]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ value: Int32) {
            for shift in stride(from: 0, to: 32, by: 8) {
                hash ^= UInt64(UInt32(bitPattern: value) >> UInt32(shift) & 0xFF)
                hash &*= 0x0000_0100_0000_01b3
            }
        }
        for example in examples {
            add(Int32(truncatingIfNeeded: example.ids.count))
            for (id, label) in zip(example.ids, example.labels) {
                add(id)
                add(label)
            }
        }
        return String(hash, radix: 16)
    }
}
