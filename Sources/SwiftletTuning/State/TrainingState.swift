import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors

/// A training at one step, in a folder that is also a model in Hub layout: parameters
/// (`model.safetensors`, f32), moments (`optimizer.safetensors`) and where the run stands
/// (`training_state.json`). `formats/training-state.md` describes it.
///
/// The folder appears whole (its name is given to it last), so one that can be seen is complete.
struct TrainingState {
    static let optimizerFile = "optimizer.safetensors"
    static let stateFile = "training_state.json"
    static let version = 1

    /// The folder that holds the states.
    let output: String

    /// The name of the state after `step` steps.
    static func name(step: Int) -> String { "checkpoint-\(step)" }

    /// The states in the folder: their steps, ascending.
    func steps() throws(SwiftletError) -> [Int] {
        guard FileSystem.isFolder(output) else { return [] }
        return try FileSystem.names(in: output).compactMap { name -> Int? in
            guard name.hasPrefix("checkpoint-"), let step = Int(name.dropFirst(11)), step >= 0,
                name == Self.name(step: step),
                FileSystem.isFile(FileSystem.join(FileSystem.join(output, name), Self.stateFile))
            else { return nil }
            return step
        }.sorted()
    }

    // MARK: Writing

    /// Writes the state after `optimizer.stepCount` steps.
    ///
    /// - Throws: cannot create (73) or I/O (74); what was there before stays.
    func save(_ parameters: ParameterSet, _ optimizer: AdamW, source: LanguageModel)
        throws(SwiftletError)
    {
        let step = optimizer.stepCount
        let path = FileSystem.join(output, Self.name(step: step))
        try AtomicFolder.write(path, replacing: true) { (folder) throws(SwiftletError) in
            try ModelFolder.write(
                parameters, source: source, dtype: .f32, into: folder.temporary)
            try write(optimizer, parameters, to: folder.file(Self.optimizerFile))
            let place: JSONObject = ["version": JSONValue(Self.version), "step": JSONValue(step)]
            try AtomicFile.write(
                [UInt8]((JSONValue.object(place).text(pretty: true) + "\n").utf8),
                to: folder.file(Self.stateFile))
        }
    }

    private func write(_ optimizer: AdamW, _ parameters: ParameterSet, to path: String)
        throws(SwiftletError)
    {
        var tensors: [(declaration: SafetensorsWriter.Declaration, matrix: Matrix)] = []
        for (index, parameter) in parameters.parameters.enumerated() {
            let moments = [
                ("exp_avg", optimizer.firstMoments[index]),
                ("exp_avg_sq", optimizer.secondMoments[index]),
            ]
            for (kind, matrix) in moments {
                tensors.append((("\(parameter.name).\(kind)", .f32, parameter.shape), matrix))
            }
        }
        let writer = try SafetensorsWriter(path: path, tensors: tensors.map(\.declaration))
        for tensor in tensors { try writer.write(tensor.matrix.bytes) }
        try writer.commit()
    }

    /// Removes all but the newest `count` states. A state loses its name before its files, so a
    /// kill leaves nothing that looks complete.
    func keepNewest(_ count: Int) throws(SwiftletError) {
        for step in try steps().dropLast(max(count, 1)) {
            let name = Self.name(step: step)
            let doomed = FileSystem.join(output, ".\(name).removed")
            try FileSystem.remove(doomed)
            try SystemCalls.rename(FileSystem.join(output, name), to: doomed)
            try FileSystem.remove(doomed)
        }
    }

    /// Removes what killed runs left in the folder: states that have lost their name, and what
    /// was being written. Failures are left for next time.
    func removeLeftovers() {
        for name in (try? FileSystem.names(in: output)) ?? [] where name.hasPrefix(".") {
            if name.hasPrefix(".checkpoint-"), name.hasSuffix(".removed") {
                try? FileSystem.remove(FileSystem.join(output, name))
            } else if name.hasSuffix(".partial") {
                // `.NAME.PID.partial` or `.NAME.PID.ATTEMPT.partial`.
                var parts = name.dropFirst().split(separator: ".").dropLast()
                while let last = parts.last, UInt32(last) != nil { parts.removeLast() }
                Leftovers.remove(of: FileSystem.join(output, parts.joined(separator: ".")))
            }
        }
    }

    // MARK: Reading

    /// Reads the state after `step` steps into parameters and optimizer.
    ///
    /// - Throws: bad data (65) for a damaged state.
    func load(step: Int, into parameters: ParameterSet, _ optimizer: AdamW) throws(SwiftletError) {
        let folder = FileSystem.join(output, Self.name(step: step))
        let file = FileSystem.join(folder, Self.stateFile)
        let state = try JSONValue.read(path: file)
        guard state["version"]?.int == Self.version, state["step"]?.int == step else {
            throw SwiftletError(
                .trainingState, file: file, "is not the state of step \(step) in a known version")
        }
        let weights = try SafetensorsFile(path: FileSystem.join(folder, ModelFolder.weightsFile))
        let moments = try SafetensorsFile(path: FileSystem.join(folder, Self.optimizerFile))
        for (index, parameter) in parameters.parameters.enumerated() {
            try Self.load(
                parameter.checkpointName, from: weights, parameter, into: parameter.value)
            try Self.load(
                "\(parameter.name).exp_avg", from: moments, parameter,
                into: optimizer.firstMoments[index])
            try Self.load(
                "\(parameter.name).exp_avg_sq", from: moments, parameter,
                into: optimizer.secondMoments[index])
        }
        optimizer.stepCount = step
    }

    private static func load(
        _ name: String, from file: SafetensorsFile, _ parameter: Parameter, into matrix: Matrix
    ) throws(SwiftletError) {
        guard let tensor = file[name], tensor.dtype == .f32, tensor.shape == parameter.shape else {
            throw SwiftletError(
                .trainingState, file: file.path,
                "lacks the tensor, or has it in another shape or dtype", at: "tensor \"\(name)\"")
        }
        let stored = try Weight(
            bytes: tensor.bytes, dtype: .f32, outSize: matrix.rows, inSize: matrix.columns,
            order: .outIn)
        matrix.copy(from: stored.widened())
    }
}

extension SwiftletError.Code {
    /// A training state that is damaged or of another version.
    public static let trainingState = Self("training.state", .badData)
    /// A run is resumed with other settings than it was started with.
    public static let otherRun = Self("training.otherRun", .usage)
}
