import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors

/// The saved states of a run.
///
/// Each is a folder that is also a model in Hub layout, or an adapter in PEFT's: parameters (f32,
/// which holds bf16 exactly), optimizer moments (`optimizer.safetensors`), and the place in the run
/// (`training_state.json`). `formats/training-state.md` describes them.
///
/// A state gets its name last, so one that is visible is complete.
struct TrainingState {
    static let optimizerFile = "optimizer.safetensors"
    static let stateFile = "training_state.json"
    static let version = 1

    /// The folder that holds the states.
    let output: String
    /// The form of the parameters in a state.
    let form: any TrainedOutput

    /// The name of the state after `step` steps.
    static func name(step: Int) -> String { "checkpoint-\(step)" }

    /// The steps of the states in the folder, ascending.
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

    /// Saves the state after `step` steps.
    ///
    /// - Throws: cannot create (73) or I/O (74); an older state is kept.
    func save(
        step: Int, _ parameters: ParameterSet, _ optimizer: any Optimizer,
        _ history: EvaluationHistory? = nil
    ) throws(SwiftletError) {
        let path = FileSystem.join(output, Self.name(step: step))
        try AtomicFolder.write(path, replacing: true) { (folder) throws(SwiftletError) in
            try form.write(
                parameters, dtype: .f32, shardSize: nil, into: folder.temporary)
            try write(optimizer, parameters, to: folder.file(Self.optimizerFile))
            var place: JSONObject = ["version": JSONValue(Self.version), "step": JSONValue(step)]
            if optimizer.stepCount != step {
                place.append("updates", JSONValue(optimizer.stepCount))
            }
            for pair in history?.object.pairs ?? [] { place.append(pair.key, pair.value) }
            try AtomicFile.write(
                [UInt8]((JSONValue.object(place).text(pretty: true) + "\n").utf8),
                to: folder.file(Self.stateFile))
        }
    }

    private func write(_ optimizer: any Optimizer, _ parameters: ParameterSet, to path: String)
        throws(SwiftletError)
    {
        let moments = optimizer.moments
        let writer = try SafetensorsWriter(
            path: path,
            tensors: moments.map { moment in
                let parameter = parameters.parameters[moment.parameter]
                return (
                    "\(parameter.name).\(moment.name)", moment.dtype, parameter.shape
                )
            })
        for moment in moments {
            switch moment.values {
            case .single(let matrix): try writer.write(matrix.bytes)
            case .half(let matrix): try writer.write(matrix.bytes)
            }
        }
        try writer.commit()
    }

    /// Removes all but the newest `count` states.
    ///
    /// A state loses its name before its files, so that a kill leaves nothing that looks complete.
    ///
    /// - Parameters:
    ///   - count: the number of states to keep, at least one.
    ///   - step: the newest good state. Later ones are damaged, or the run would not have continued
    ///     from this one; they go too.
    /// - Throws: the errors of renaming and removing.
    func keepNewest(_ count: Int, upTo step: Int) throws(SwiftletError) {
        let steps = try steps()
        let good = steps.filter { $0 <= step }
        for step in good.dropLast(max(count, 1)) + steps.dropFirst(good.count) {
            let name = Self.name(step: step)
            let doomed = FileSystem.join(output, ".\(name).removed")
            try FileSystem.remove(doomed)
            try SystemCalls.rename(FileSystem.join(output, name), to: doomed)
            try FileSystem.remove(doomed)
        }
    }

    /// Removes what killed runs left in the folder: states without a name, and files that were
    /// being written.
    ///
    /// What cannot be removed is left for the next run.
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

    /// Reads the newest state that is not damaged.
    ///
    /// - Parameters:
    ///   - total: the steps of the run.
    ///   - parameters: get the state's.
    ///   - optimizer: gets the state's moments.
    ///   - history: gets the state's evaluations if they matter.
    ///   - onDamage: called with the error of each state that is passed over.
    /// - Returns: the steps before the state; nil if there are no states.
    /// - Throws: bad data (65) if all states are damaged, or there is one of a longer run; I/O (74).
    func loadNewest(
        upTo total: Int, into parameters: ParameterSet, _ optimizer: any Optimizer,
        _ history: inout EvaluationHistory?, onDamage: (SwiftletError) -> Void
    ) throws(SwiftletError) -> Int? {
        let steps = try steps()
        if let newest = steps.last, newest > total {
            throw SwiftletError(
                .trainingState, file: output,
                "has a state after step \(newest) of a run of \(total)")
        }
        for step in steps.reversed() {
            var restored = history
            do throws(SwiftletError) {
                try load(step: step, into: parameters, optimizer, &restored)
                history = restored
                return step
            } catch {
                let isDamage = [.badData, .noInput].contains(error.code.kind)
                guard isDamage, step != steps.first else { throw error }
                onDamage(error)
            }
        }
        return nil
    }

    /// Reads the state after `step` steps into parameters, optimizer, and the evaluations if they
    /// matter.
    ///
    /// - Throws: bad data (65) for a damaged state.
    func load(
        step: Int, into parameters: ParameterSet, _ optimizer: any Optimizer,
        _ history: inout EvaluationHistory?
    ) throws(SwiftletError) {
        let folder = FileSystem.join(output, Self.name(step: step))
        let file = FileSystem.join(folder, Self.stateFile)
        let state = try JSONValue.read(path: file)
        guard state["version"]?.int == Self.version, state["step"]?.int == step else {
            throw SwiftletError(
                .trainingState, file: file, "is not the state of step \(step) in a known version")
        }
        let updates = state["updates"] == nil ? step : state["updates"]?.int
        guard let updates, (0...step).contains(updates) else {
            throw SwiftletError(
                .trainingState, file: file, "is not a number of updates up to \(step)",
                at: "key \"updates\"")
        }
        try history?.restore(state, file)
        let weights = try SafetensorsFile(path: FileSystem.join(folder, form.weightsFile))
        let moments = try SafetensorsFile(path: FileSystem.join(folder, Self.optimizerFile))
        for parameter in parameters.parameters {
            try Self.load(
                parameter.checkpointName, .f32, from: weights, parameter, into: parameter.storage)
        }
        for moment in optimizer.moments {
            let parameter = parameters.parameters[moment.parameter]
            try Self.load(
                "\(parameter.name).\(moment.name)", moment.dtype, from: moments, parameter,
                into: moment.values)
        }
        optimizer.restore(stepCount: updates)
    }

    /// Reads a tensor into the memory of a parameter.
    ///
    /// - Throws: bad data (65) if it is missing or has another shape or dtype.
    static func load(
        _ name: String, _ dtype: DType, from file: SafetensorsFile, _ parameter: Parameter,
        into matrix: StateMatrix
    ) throws(SwiftletError) {
        guard let tensor = file[name], tensor.dtype == dtype, tensor.shape == parameter.shape else {
            throw SwiftletError(
                .trainingState, file: file.path,
                "the tensor is missing or has another shape or dtype", at: "tensor \"\(name)\"")
        }
        matrix.store(
            try Weight(
                bytes: tensor.bytes, dtype: dtype, outSize: matrix.rows, inSize: matrix.columns,
                order: .outIn))
    }
}

extension OptimizerMoment {
    /// The dtype in a state: that of the memory.
    fileprivate var dtype: DType { values.form == .half ? .bf16 : .f32 }
}
