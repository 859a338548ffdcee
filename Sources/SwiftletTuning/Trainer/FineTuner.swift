import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// One fine-tuning run: a model, examples and settings in, a model in Hub layout out.
///
/// The result is a function of these: it is bit-identical for any number of threads, and whether or
/// not the run was interrupted and resumed.
public final class FineTuner {
    private let model: LanguageModel
    private let objective: any TrainingObjective
    private let options: FineTuneOptions
    private let output: String
    private let context: ComputeContext
    private let communicator: any Communicator
    private let examples: any ExampleSource
    private let evaluation: any ExampleSource
    private let order: BatchOrder
    private let logPath: String?

    /// Prepares a run; nothing is written yet.
    ///
    /// - Parameters:
    ///   - model: the model to start from.
    ///   - objective: what is learned; nil for language modeling with the options' mean.
    ///   - examples: at least one with a target.
    ///   - evaluation: held-out examples; may be none.
    ///   - output: the folder of the result. It must not exist, or be empty, unless resuming.
    ///   - options: the settings.
    ///   - logPath: a file that gets one JSON object per step.
    ///   - context: the threads.
    ///   - communicator: the processes that train together.
    /// - Throws: usage (64) for settings out of range, unsupported (69) for a model without the head
    ///   that the objective needs.
    public init(
        _ model: LanguageModel, objective: (any TrainingObjective)? = nil,
        examples: any ExampleSource, evaluation: any ExampleSource = [TrainingExample](),
        output: String,
        options: FineTuneOptions, logPath: String? = nil, context: ComputeContext,
        communicator: any Communicator = SingleProcess()
    ) throws(SwiftletError) {
        try options.validate()
        try options.memory.validate(context.precision)
        let objective = objective ?? LanguageModeling(mean: options.lossMean)
        try objective.validate(model)
        guard examples.hasTargets else {
            throw SwiftletError(.noExamples, "there is no token to train on")
        }
        try examples.validate(for: model)
        try evaluation.validate(for: model)
        guard communicator.rankCount == 1 else {
            throw SwiftletError(.usage, "a run of several processes is not supported")
        }
        if case .lowRank = options.method, model.hasFreshHead {
            throw SwiftletError(
                .usage, file: model.path,
                "an adapter cannot be used with a new classification head",
                hint: "train the head first, with --train head, then adapt the result")
        }
        self.model = model
        self.objective = objective
        self.examples = examples
        self.evaluation = evaluation
        self.output = output
        self.options = options
        self.logPath = logPath
        self.context = context
        self.communicator = communicator
        order = BatchOrder(
            lineCount: examples.count, batchSize: options.batchSize,
            seed: options.shuffles ? options.seed : nil,
            grouping: options.batching.grouping(model), tokenCount: examples.tokenCount)
        if case .epochs(let count) = options.length,
            count.multipliedReportingOverflow(by: order.stepsPerEpoch).overflow
        {
            throw SwiftletError(.usage, "epochs: \(count) is more steps than can be counted")
        }
    }

    /// Prepares a run of a task; nothing is written yet.
    ///
    /// - Throws: as
    ///   ``init(_:objective:examples:evaluation:output:options:logPath:context:communicator:)``.
    public convenience init(
        _ task: TrainingTask, output: String, options: FineTuneOptions, logPath: String? = nil,
        context: ComputeContext
    ) throws(SwiftletError) {
        try self.init(
            task.model, objective: task.objective, examples: task.examples,
            evaluation: task.evaluation, output: output, options: options, logPath: logPath,
            context: context)
    }

    /// Checks whether a run may write to a folder and a log, before long work on its data.
    ///
    /// - Throws: cannot create (73) when something is there that is not this run's to continue.
    public static func checkOutput(_ output: String, logPath: String? = nil, resumes: Bool)
        throws(SwiftletError)
    {
        try RunRecord.checkPlace(output, resumes: resumes)
        if let logPath {
            let recorded = resumes ? try RunRecord.log(of: output) : nil
            try TrainingLog.check(
                logPath,
                isOfRun: recorded != nil && recorded == relative(logPath, to: output))
        }
    }

    /// Why a run stops early.
    public enum Stop: Sendable {
        /// SIGINT, or a cancelled task.
        case interrupted
        /// SIGTERM.
        case terminated
    }

    /// Runs to the end, or until told to stop; then the state is saved first.
    ///
    /// - Parameters:
    ///   - shouldStop: asked before each step.
    ///   - onEvent: called with what happens.
    /// - Returns: the last losses and the work done.
    /// - Throws: cannot create (73) when the output exists or is in use by another run; the errors
    ///   of reading and writing; ``SwiftletBytes/SwiftletError/Code/stoppedBySignal`` and
    ///   ``SwiftletBytes/SwiftletError/Code/stoppedByTermination`` after saving;
    ///   ``SwiftletBytes/SwiftletError/Code/lossNotFinite``.
    public func run(
        shouldStop: () -> Stop? = { nil }, onEvent: (FineTuneEvent) -> Void = { _ in }
    ) throws(SwiftletError) -> FineTuneResult {
        try Self.checkOutput(output, logPath: logPath, resumes: options.resumes)
        let identity = try identity()
        let form = options.method.makeOutput(model, objective)
        let memory = memoryEstimate
        if !form.isComplete(in: output) {
            try memory.check(
                limit: options.memory.limit ?? SystemMemory.physical,
                advice: Self.memoryAdvice(
                    options, context.precision, microBatchSize: microBatchSize))
        }
        // Before the folder is claimed, so that wrong settings leave nothing behind.
        let isComplete = form.isComplete(in: output)
        let prepared = isComplete ? nil : try prepare()
        let recordedLog = options.resumes ? try RunRecord.log(of: output) : nil
        try FileSystem.createFolder(output)
        let lock = try FolderLock(output)
        defer { withExtendedLifetime(lock) {} }
        try RunRecord(identity: identity, log: logPath.flatMap { Self.relative($0, to: output) })
            .claim(output, resumes: options.resumes)
        guard let (parameters, optimizer) = prepared, !form.isComplete(in: output) else {
            return FineTuneResult(
                steps: totalSteps, loss: nil, evaluation: nil, tokens: 0, seconds: 0,
                overflows: 0, wasComplete: true)
        }
        let state = TrainingState(output: output, form: form)
        state.removeLeftovers()
        var done = 0
        if options.resumes, let newest = try state.steps().last {
            guard newest <= totalSteps else {
                throw SwiftletError(
                    .trainingState, file: output,
                    "has a state after step \(newest) of a run of \(totalSteps)")
            }
            try state.load(step: newest, into: parameters, optimizer)
            done = newest
        }
        var log: TrainingLog?
        if let logPath {
            let own = recordedLog != nil && recordedLog == Self.relative(logPath, to: output)
            log = try TrainingLog(path: logPath, after: done, isOfRun: own)
        }
        onEvent(
            .started(
                .init(
                    done: done, total: totalSteps, lines: examples.count,
                    parameters: parameters.count, memory: memory)))
        let outcome = try trainer(parameters, optimizer, state, log)
            .run(from: done, order: order, shouldStop: shouldStop, onEvent: onEvent)
        // Each step checks the loss before its update; this checks the last update.
        guard parameters.areFinite(context) else {
            throw SwiftletError.notFinite(step: totalSteps)
        }
        let overflows = try form.write(
            parameters, dtype: options.dtype ?? model.dtype,
            shardSize: ModelFolder.resultShardSize, into: output)
        return FineTuneResult(
            steps: outcome.step, loss: outcome.loss, evaluation: outcome.evaluation,
            tokens: outcome.tokens, seconds: outcome.seconds, overflows: overflows,
            wasComplete: false)
    }

    private func prepare() throws(SwiftletError) -> (ParameterSet, AdamW) {
        let parameters = try options.method.makeParameters(
            model, seed: options.seed, matrices: options.memory.matrices(context.precision))
        let optimizer = try AdamW(
            parameters.parameters, weightDecay: options.weightDecay, decay: options.decay,
            moments: options.memory.momentForm, seed: options.seed)
        return (parameters, optimizer)
    }

    /// The number of steps of the whole run.
    public var totalSteps: Int {
        switch options.length {
        case .steps(let count): count
        case .epochs(let count): count * order.stepsPerEpoch
        }
    }

    /// Examples per micro-batch.
    private var microBatchSize: Int {
        objective.needsWholeBatch
            ? options.batchSize : min(options.batchSize, options.microBatchSize ?? .max)
    }

    /// The memory that the run needs.
    public var memoryEstimate: MemoryEstimate {
        let form = options.memory.matrices(context.precision)
        return MemoryEstimate(
            options.method.trainedSize(model), model.decoder,
            largest: options.batching.grouping(model)
                .largestMicroBatch(of: examples, count: microBatchSize),
            matrices: options.method.matrices(form),
            options.memory, context.precision)
    }

    private func trainer(
        _ parameters: ParameterSet, _ optimizer: any Optimizer, _ state: TrainingState,
        _ log: TrainingLog?
    ) -> Trainer {
        Trainer(
            step: TrainingStep(
                objective: objective, parameters: parameters,
                pass: TrainingPass(
                    parameters.decoder, context: context,
                    checkpointing: options.memory.checkpointing), optimizer: optimizer,
                communicator: communicator, microBatchSize: options.microBatchSize,
                microBatchTokens: options.batching.grouping(model)
                    .tokens(ofRows: options.microBatchSize),
                clip: options.clip, context: context),
            examples: examples, readAhead: options.readAhead,
            schedule: LearningRateSchedule(
                shape: options.schedule, peak: options.learningRate, warmup: options.warmup,
                total: totalSteps),
            evaluation: EvaluationPlan(
                examples: evaluation,
                interval: options.evaluateEvery ?? order.stepsPerEpoch),
            saving: Trainer.Saving(
                state: state, interval: options.saveEvery, keep: options.keep),
            log: log)
    }

    /// Everything that the result depends on, in the order of the run's record.
    private func identity() throws(SwiftletError) -> JSONObject {
        var identity = options.identity(totalSteps: totalSteps)
        for pair in try options.batching.grouping(model).identity.pairs
            + objective.identity.pairs + options.method.identity().pairs
            + options.memory.identity(context.precision).pairs
        {
            identity.append(pair.key, pair.value)
        }
        identity.append("seed", .string(String(options.seed)))
        identity.append("shuffle", .bool(options.shuffles))
        identity.append("data-lines", JSONValue(examples.count))
        identity.append("data-fingerprint", .string(examples.fingerprint))
        identity.append("model-fingerprint", .string(try Fingerprint.of(model)))
        identity.append("dtype", .string((options.dtype ?? model.dtype).rawValue))
        return identity
    }

    /// The path of a log relative to a run's folder, so that both may be moved together; nil if one
    /// of the folders does not exist.
    private static func relative(_ log: String, to output: String) -> String? {
        guard let base = FileSystem.realPath(output),
            let folder = FileSystem.realPath(FileSystem.parent(log))
        else { return nil }
        let (from, to) = (base.split(separator: "/"), folder.split(separator: "/"))
        let common = zip(from, to).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: from.count - common)
        return (steps + to.dropFirst(common).map(String.init) + [FileSystem.name(log)])
            .joined(separator: "/")
    }
}

extension FineTuner.Stop {
    func error(step: Int, output: String) -> SwiftletError {
        SwiftletError(
            self == .interrupted ? .stoppedBySignal : .stoppedByTermination, file: output,
            "stopped; the state after step \(step) is saved",
            hint: "continue with the same command and --resume")
    }
}

extension SwiftletError.Code {
    /// Stopped by SIGINT or a cancelled task, after saving.
    public static let stoppedBySignal = Self("training.interrupted", .interrupted)
    /// Stopped by SIGTERM, after saving.
    public static let stoppedByTermination = Self("training.terminated", .terminated)
}
