import SwiftletBytes
import SwiftletCompute
import SwiftletText
import SwiftletTuning

/// Runs the stages of a plan whose outputs are not what they should be.
///
/// A stage is done if its record has the key of its kind, settings and inputs, and all outputs have
/// the hashes of the record. The key contains the hashes of outputs, not the keys, of the stages that
/// it reads from, so a stage that is redone and makes the same bytes leaves those after it done.
final class StageRunner {
    /// The folder.
    let folder: RunFolder
    /// The stages.
    let plan: StagePlan
    /// The sizes that estimates are made from.
    let sizes: RunSizes
    private let hashes: InputHashes
    /// The records of the stages that are complete and have their outputs.
    private var complete: [StageID: StageRecord] = [:]

    /// Prepares a run; nothing is written yet.
    init(folder: RunFolder, plan: StagePlan, sizes: RunSizes, threads: Int) {
        self.folder = folder
        self.plan = plan
        self.sizes = sizes
        hashes = InputHashes(folder, threads: threads)
    }

    // MARK: Examination

    private enum Examination {
        case done(StageRecord)
        case toRun(StageIdentity, key: String, StageStatus)
    }

    /// Finds out whether a stage is done; all stages that it reads from are.
    private func examine(_ stage: any Stage) throws(SwiftletError) -> Examination {
        var inputs: [(name: String, hash: String)] = []
        for input in stage.inputs { inputs += try hashes.values(input) { complete[$0] } }
        var settings = stage.settings
        if sizes.precision == .bf16, stage.computes {
            settings.append("precision", .string("bf16"))
        }
        let identity = StageIdentity(kind: stage.kind, settings: settings, inputs: inputs)
        let key = try identity.key()
        guard let record = StageRecord(path: folder.path(of: stage.id, RunFolder.record)) else {
            let start = StageStart(path: folder.path(of: stage.id, RunFolder.started))
            return .toRun(identity, key: key, start?.key == key ? .started : .new)
        }
        guard record.key == key else {
            return .toRun(identity, key: key, .again(record.difference(from: identity)))
        }
        if let damage = try hashes.damage(record, of: stage.id) {
            return .toRun(identity, key: key, .again(damage))
        }
        return .done(record)
    }

    /// Finds out what a run would do.
    ///
    /// Nothing is written.
    ///
    /// - Returns: the stages in order; a stage that lacks an input of the user's is blocked.
    /// - Throws: the errors of reading and of computing hashes.
    func examination() throws(SwiftletError) -> [PlannedStage] {
        complete = [:]
        return try plan.stages.map { (stage) throws(SwiftletError) in
            let stage = available(stage)
            var status = StageStatus.done
            var seconds: Double?
            do throws(SwiftletError) {
                if let first = missing(stage) {
                    for input in stage.inputs where !input.isOfStage {
                        _ = try hashes.values(input) { _ in nil }
                    }
                    status = .waiting("after \(first.name)")
                } else {
                    switch try examine(stage) {
                    case .done(let record):
                        complete[stage.id] = record
                        seconds = record.seconds
                    case .toRun(_, _, let reason): status = reason
                    }
                }
            } catch {
                guard error.code.kind == .noInput else { throw error }
                status = .blocked(error)
            }
            return PlannedStage(
                id: stage.id, kind: stage.kind, needs: stage.needs, status: status,
                estimate: stage.estimate(sizes), seconds: seconds)
        }
    }

    /// A stage that gathers all seeds, without those that are neither run nor complete.
    private func available(_ stage: any Stage) -> any Stage {
        guard stage.id.seed == nil, !plan.examined.isEmpty else { return stage }
        return stage.restricted(
            to: Set(plan.stages.map(\.id).filter { !isLeftOut($0) }))
    }

    /// Whether a stage is only used if it is complete, and is not.
    private func isLeftOut(_ id: StageID) -> Bool {
        plan.examined.contains(id) && complete[id] == nil
    }

    /// The first stage that one reads from and that is not complete.
    private func missing(_ stage: any Stage) -> StageID? {
        stage.needs.first { complete[$0] == nil }
    }

    // MARK: Running

    /// Runs what is not done.
    ///
    /// - Parameters:
    ///   - context: the threads.
    ///   - sentencePiece: the algorithms of SentencePiece that tokenizers may use.
    ///   - speed: of the machine, for the time left.
    ///   - configuration: what the run's record says; nil for none.
    ///   - shouldStop: asked often.
    ///   - onEvent: called with what happens.
    /// - Returns: the stages that ran, in order.
    /// - Throws: cannot create (73) if the folder is in use; the errors of stages, and of signals
    ///   after saving.
    func run(
        _ context: ComputeContext, sentencePiece: SentencePieceSupport, speed: MachineSpeed,
        configuration: JSONObject? = nil, shouldStop: @escaping () -> FineTuner.Stop?,
        onEvent: @escaping (RunEvent) -> Void
    ) throws(SwiftletError) -> [StageID] {
        try FileSystem.createFolder(folder.path)
        let lock = try FolderLock(folder.path)
        defer { withExtendedLifetime(lock) {} }
        // Before the first stage, so that a missing model is not noticed hours later.
        let planned = try examination()
        for stage in planned where !plan.examined.contains(stage.id) {
            if case .blocked(let error) = stage.status { throw error }
        }
        if let configuration { try folder.write(configuration: configuration) }
        complete = [:]
        var ran: [StageID] = []
        var clock = RunClock(
            estimates: planned.map { stage in
                stage.status == .done || plan.examined.contains(stage.id)
                    ? 0 : stage.estimate.seconds(speed)
            })
        for (place, stage) in plan.stages.enumerated() {
            let stage = available(stage)
            if plan.examined.contains(stage.id), missing(stage) != nil { continue }
            let examination = try examine(stage)
            if plan.examined.contains(stage.id) {
                if case .done(let record) = examination { complete[stage.id] = record }
                continue
            }
            let position = RunEvent.Position(
                id: stage.id, number: place + 1, count: plan.stages.count)
            guard case .toRun(let identity, let key, let status) = examination else {
                if case .done(let record) = examination {
                    complete[stage.id] = record
                    try folder.removeLeftovers(of: stage.id)
                    try publish(stage, record)
                }
                onEvent(.skipped(position))
                continue
            }
            onEvent(.started(position, status, secondsLeft: clock.left(from: place)))
            let work = StageWork(
                folder: folder, id: stage.id, context: context, sentencePiece: sentencePiece,
                shouldStop: shouldStop, onProgress: { onEvent(.progress(position, $0)) },
                onNote: { onEvent(.note(position, $0)) })
            let record = try run(stage, identity, key: key, work)
            complete[stage.id] = record.record
            try publish(stage, record.record)
            clock.finish(place, seconds: record.secondsNow)
            ran.append(stage.id)
            onEvent(
                .finished(
                    position, seconds: record.secondsNow,
                    secondsLeft: clock.left(from: place + 1)))
        }
        return ran
    }

    private func publish(_ stage: any Stage, _ record: StageRecord) throws(SwiftletError) {
        guard let target = stage.publishedFolder(in: folder) else { return }
        try folder.publish(stage.id, record.outputs.map(\.path), to: target)
    }

    /// Runs a stage, in a folder that has nothing but what an earlier run of the same key left.
    private func run(
        _ stage: any Stage, _ identity: StageIdentity, key: String, _ work: StageWork
    ) throws(SwiftletError) -> (record: StageRecord, secondsNow: Double) {
        let path = folder.path(of: stage.id)
        let note = folder.path(of: stage.id, RunFolder.started)
        let record = folder.path(of: stage.id, RunFolder.record)
        hashes.forget(stage.id)
        var earlier = 0.0
        if !FileSystem.somethingIs(at: record), let start = StageStart(path: note), start.key == key
        {
            earlier = start.seconds
        } else {
            // The record goes first: without it, whatever a kill leaves is not taken for outputs.
            try FileSystem.remove(record)
            try FileSystem.remove(path)
            try FileSystem.createFolder(path)
            try StageStart(identity, key: key, seconds: 0).write(note)
        }
        let clock = ContinuousClock()
        let began = clock.now
        func elapsed() -> Double { (clock.now - began) / .seconds(1) }
        do throws(SwiftletError) {
            try work.checkStop()
            try stage.run(work)
        } catch {
            // Best effort: the time is for people.
            try? StageStart(identity, key: key, seconds: earlier + elapsed()).write(note)
            guard error.code.kind == .interrupted || error.code.kind == .terminated else {
                throw error
            }
            throw SwiftletError(
                error.code, file: folder.path, "stopped in stage \(stage.id.text)",
                hint: "continue with the same command")
        }
        let names = try folder.outputs(of: stage.id)
        guard !names.isEmpty else {
            throw SwiftletError(.defect, file: path, "the stage has made nothing")
        }
        let paths = names.map { folder.path(of: stage.id, $0) }
        let outputs = try zip(names, hashes.hashes(paths)).map { (path: $0.0, hash: $0.1) }
        let result = StageRecord(
            identity, key: key, outputs: outputs, seconds: earlier + elapsed())
        try result.write(record, kind: stage.kind)
        try folder.removeLeftovers(of: stage.id)
        return (result, elapsed())
    }
}
