import SwiftletBytes
import SwiftletLM

/// What a run is a function of. It goes on only where all of it is the same.
struct RunIdentity {
    /// Option names and values, in a fixed order.
    let object: JSONObject

    init(
        _ model: LanguageModel, _ options: FineTuneOptions, totalSteps: Int,
        examples: [TrainingExample]
    ) throws(SwiftletError) {
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
        object.append("data-fingerprint", .string(Fingerprint.of(examples)))
        object.append("model-fingerprint", .string(try Fingerprint.of(model)))
        object.append("dtype", .string((options.dtype ?? model.dtype).rawValue))
        self.object = object
    }

    // MARK: The record

    /// The file in the output folder that says which run it belongs to.
    static let file = "training_run.json"
    private static let version = 1

    /// Makes `output` this run's folder, or sees that it is.
    ///
    /// - Throws: as ``checkPlace(_:resumes:)``; ``SwiftletError/Code/otherRun`` naming the first
    ///   difference.
    func claim(_ output: String, resumes: Bool) throws(SwiftletError) {
        try Self.checkPlace(output, resumes: resumes)
        let record = FileSystem.join(output, Self.file)
        if FileSystem.isFile(record) {
            try check(record)
            return
        }
        try FileSystem.createFolder(output)
        var saved: JSONObject = ["version": JSONValue(Self.version)]
        for pair in object.pairs { saved.append(pair.key, pair.value) }
        try AtomicFile.write(
            [UInt8]((JSONValue.object(saved).text(pretty: true) + "\n").utf8), to: record)
    }

    /// Whether a run may have `output`, before it is known which run.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate`` when something is there and is not to be
    ///   resumed, or holds no run.
    static func checkPlace(_ output: String, resumes: Bool) throws(SwiftletError) {
        guard FileSystem.somethingIs(at: output) else { return }
        guard FileSystem.isFolder(output) else {
            throw SwiftletError(.cannotCreate, file: output, "exists already")
        }
        // A kill while the record was written leaves its temporary file, which is nothing.
        let record = FileSystem.join(output, file)
        Leftovers.remove(of: record)
        if try FileSystem.names(in: output).allSatisfy({ $0.hasPrefix(".\(file).") }) { return }
        guard resumes else {
            throw SwiftletError(
                .cannotCreate, file: output, "exists already",
                hint: "give a new folder, or --resume to go on with the run in it")
        }
        guard FileSystem.isFile(record) else {
            throw SwiftletError(
                .cannotCreate, file: output, "exists already and holds no run to go on with",
                hint: "give a new folder")
        }
    }

    private func check(_ record: String) throws(SwiftletError) {
        let saved = try JSONValue.read(path: record)
        guard saved["version"]?.int == Self.version else {
            throw SwiftletError(
                .trainingState, file: record, "is not the record of a run in a known version")
        }
        for (key, value) in object.pairs where saved[key] != value {
            throw SwiftletError(
                .otherRun, file: record,
                "the run was started with \(saved[key]?.text() ?? "nothing"), not \(value.text())",
                at: "\"\(key)\"",
                hint: "resume with the same settings and data, or start anew in another folder")
        }
    }
}
