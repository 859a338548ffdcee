import SwiftletBytes
import SwiftletCheckpoint
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
    ///   - objective: what is learned.
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
        _ model: LanguageModel, objective: any TrainingObjective = LanguageModeling(),
        examples: any ExampleSource, evaluation: any ExampleSource = [TrainingExample](),
        output: String,
        options: FineTuneOptions, logPath: String? = nil, context: ComputeContext,
        communicator: any Communicator = SingleProcess()
    ) throws(SwiftletError) {
        try options.validate()
        try options.memory.validate(context.precision)
        try objective.validate(model)
        guard examples.hasTargets else {
            throw SwiftletError(.noExamples, "there is no token to train on")
        }
        try examples.validate(for: model, objective)
        try evaluation.validate(for: model, objective)
        guard communicator.rankCount == 1 else {
            throw SwiftletError(.usage, "a run of several processes is not supported")
        }
        try Self.checkEvaluation(options, evaluation, objective)
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
    /// - Throws: usage (64) for the name of a file of weights; cannot create (73) when something is there
    ///   that is not this run's to continue.
    public static func checkOutput(_ output: String, logPath: String? = nil, resumes: Bool)
        throws(SwiftletError)
    {
        try Destination.checkIsFolder(output)
        try RunClaim.check(output, logPath: logPath, resumes: resumes)
    }

    /// Checks that there is what evaluations decide by.
    private static func checkEvaluation(
        _ options: FineTuneOptions, _ evaluation: any ExampleSource,
        _ objective: any TrainingObjective
    ) throws(SwiftletError) {
        guard let history = options.history else { return }
        let name = options.keepsBest != nil ? "keep-best" : "patience"
        guard evaluation.hasTargets else {
            throw SwiftletError(.usage, "\(name) needs held-out data to evaluate on")
        }
        guard history.metric != .accuracy || objective.reportsAccuracy else {
            throw SwiftletError(.usage, "\(name) accuracy needs a task that has one")
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
        // Before the folder is claimed, so that wrong settings leave nothing behind.
        let prepared = form.isComplete(in: output) ? nil : try prepare()
        let claim = try RunClaim(
            output, identity: identity, logPath: logPath, resumes: options.resumes)
        defer { withExtendedLifetime(claim) {} }
        let state = TrainingState(output: output, form: form)
        state.removeLeftovers()
        // Once more, now that no other process can complete it.
        guard let (parameters, optimizer) = prepared, !form.isComplete(in: output) else {
            return FineTuneResult(complete: RunEnding.read(output), steps: totalSteps)
        }
        var start = Trainer.Outcome(step: 0, history: options.history)
        if options.resumes,
            let newest = try state.loadNewest(
                upTo: totalSteps, into: parameters, optimizer, &start.history,
                onDamage: { onEvent(.damagedState($0)) })
        {
            start.step = newest
            // A run that was killed between the two leaves one more than it should.
            try state.keepNewest(options.keep, upTo: newest)
        }
        let log = try claim.openLog(after: start.step)
        let compared = try compared(identity, shouldStop, onEvent)
        onEvent(
            .started(
                .init(
                    done: start.step, total: totalSteps, lines: examples.count,
                    parameters: parameters.count, memory: memoryEstimate,
                    memoryNote: multiplied(parameters).memoryNote(context.precision))))
        let outcome: Trainer.Outcome
        do throws(SwiftletError) {
            outcome = try trainer(parameters, optimizer, compared, state, log)
                .run(from: start, order: order, shouldStop: shouldStop, onEvent: onEvent)
        } catch  where optimizer.stepCount == 0 {
            // Whatever is wrong was so in the model, or in the data, which name themselves.
            throw error.code == .lossNotFinite ? error.inFile(model.path) : error
        }
        return try finish(outcome, parameters, form)
    }

    /// Writes the result of a run whose steps are made.
    private func finish(
        _ outcome: Trainer.Outcome, _ parameters: ParameterSet, _ form: any TrainedOutput
    ) throws(SwiftletError) -> FineTuneResult {
        let best = outcome.history?.best
        if options.keepsBest != nil, let best, best.step != outcome.step {
            try BestState(output: output, form: form).load(best, into: parameters)
        }
        // Each step checks the loss before its update; this checks the last update.
        guard parameters.areFinite(context) else {
            throw SwiftletError.notFinite(step: outcome.step)
        }
        let stoppedEarly = outcome.step < totalSteps
        if outcome.history != nil {
            try RunEnding(
                steps: outcome.step, reason: stoppedEarly ? .patience : .steps, best: best
            ).write(to: output)
        }
        let overflows = try form.write(
            parameters, dtype: options.dtype ?? model.dtype,
            shardSize: ModelFolder.resultShardSize, into: output)
        return FineTuneResult(outcome, stoppedEarly: stoppedEarly, overflows: overflows)
    }

    /// Allocates the trained tensors and the optimizer's, if they fit.
    private func prepare() throws(SwiftletError) -> (ParameterSet, AdamW) {
        try memoryEstimate.check(
            limit: options.memory.limit ?? SystemMemory.physical,
            advice: Self.memoryAdvice(options, context.precision, microBatchSize: microBatchSize))
        let parameters = try options.method.makeParameters(
            model, seed: options.seed, matrices: options.memory.matrices(context.precision))
        let optimizer = try AdamW(
            parameters.parameters, weightDecay: options.weightDecay, decay: options.decay,
            moments: options.memory.momentForm, seed: options.seed)
        return (parameters, optimizer)
    }

    /// The decoder with the most matrices that are not widened as a whole: the one that training compares
    /// with, or that with the trained tensors in it.
    private func multiplied(_ parameters: ParameterSet) -> TransformerDecoder {
        objective.comparesWithReference ? model.decoder : parameters.decoder
    }

    /// The examples with what the objective compares them with.
    private func compared(
        _ identity: JSONObject, _ shouldStop: () -> Stop?, _ onEvent: (FineTuneEvent) -> Void
    ) throws(SwiftletError) -> (training: any ExampleSource, evaluation: any ExampleSource) {
        guard objective.comparesWithReference else { return (examples, evaluation) }
        let comparison = try ReferenceComparison(
            options.method, model, identity: identity, output: output, context)
        func attach(_ examples: any ExampleSource, _ part: ReferenceComparison.Part)
            throws(SwiftletError) -> any ExampleSource
        {
            try comparison.attach(to: examples, part) { (done, total) throws(SwiftletError) in
                if let stop = shouldStop() { throw stop.error(output: output) }
                onEvent(.comparison(done: done, total: total))
            }
        }
        return (try attach(examples, .training), try attach(evaluation, .evaluation))
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
        objective.microBatchSize(options.microBatchSize, of: options.batchSize)
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
        _ parameters: ParameterSet, _ optimizer: any Optimizer,
        _ examples: (training: any ExampleSource, evaluation: any ExampleSource),
        _ state: TrainingState, _ log: TrainingLog?
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
            examples: examples.training, readAhead: options.readAhead,
            schedule: LearningRateSchedule(
                shape: options.schedule, peak: options.learningRate,
                warmup: options.warmup.steps(of: totalSteps), total: totalSteps),
            evaluation: EvaluationPlan(
                examples: examples.evaluation,
                interval: evaluationInterval),
            saving: Trainer.Saving(
                state: state, interval: options.saveEvery, keep: options.keep,
                best: options.keepsBest.map { _ in BestState(output: output, form: state.form) }),
            log: log)
    }

    /// Steps between evaluations.
    private var evaluationInterval: Int { options.evaluateEvery ?? order.stepsPerEpoch }

    /// Everything that the result depends on, in the order of the run's record.
    private func identity() throws(SwiftletError) -> JSONObject {
        var identity = options.identity(totalSteps: totalSteps)
        for pair in try options.batching.grouping(model).identity.pairs
            + objective.identity.pairs + options.method.identity().pairs
            + options.memory.identity(context.precision).pairs
        {
            identity.append(pair.key, pair.value)
        }
        if options.history != nil {
            if let metric = options.keepsBest {
                identity.append("keep-best", .string(metric.rawValue))
            }
            if let patience = options.patience {
                identity.append("patience", JSONValue(patience))
            }
            identity.append("eval-every", JSONValue(evaluationInterval))
            identity.append("eval-fingerprint", .string(evaluation.fingerprint))
        }
        identity.append("seed", .string(String(options.seed)))
        identity.append("shuffle", .bool(options.shuffles))
        identity.append("data-lines", JSONValue(examples.count))
        identity.append("data-fingerprint", .string(examples.fingerprint))
        identity.append("model-fingerprint", .string(try Fingerprint.of(model)))
        identity.append("dtype", .string((options.dtype ?? model.dtype).rawValue))
        return identity
    }
}

extension FineTuner.Stop {
    /// The error of a run that was stopped.
    ///
    /// - Parameters:
    ///   - step: the step whose state was saved; nil if nothing had to be.
    ///   - output: the run's folder.
    /// - Returns: the error.
    func error(step: Int? = nil, output: String) -> SwiftletError {
        let saved = step.map { "; the state after step \($0) is saved" }
        return SwiftletError(
            self == .interrupted ? .stoppedBySignal : .stoppedByTermination, file: output,
            "stopped" + (saved ?? " before the first step of this run"),
            hint: "continue with the same command and --resume")
    }
}

extension SwiftletError.Code {
    /// Stopped by SIGINT or a cancelled task, after saving.
    public static let stoppedBySignal = Self("training.interrupted", .interrupted)
    /// Stopped by SIGTERM, after saving.
    public static let stoppedByTermination = Self("training.terminated", .terminated)
}
