import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// One fine-tuning run: data, model and settings in; a model in Hub layout out.
///
/// The run is a function of these: the same bits come out whatever the number of threads, and
/// whether or not it was stopped and resumed.
public final class FineTuner {
    private let model: LanguageModel
    private let options: FineTuneOptions
    private let output: String
    private let context: ComputeContext
    private let examples: [TrainingExample]
    private let evaluation: [TrainingExample]
    private let logPath: String?

    /// Prepares a run; nothing is written yet.
    ///
    /// - Parameters:
    ///   - model: where the run starts.
    ///   - examples: at least one with a target.
    ///   - evaluation: scored after each epoch; may be empty.
    ///   - output: the folder of the result. It must not exist, or be empty, unless resuming.
    ///   - options: the settings.
    ///   - logPath: a JSON object a step goes here.
    ///   - context: the threads.
    /// - Throws: usage (64) for settings out of range, unsupported (69) for a model without
    ///   language-model head.
    public init(
        _ model: LanguageModel, examples: [TrainingExample], evaluation: [TrainingExample] = [],
        output: String, options: FineTuneOptions, logPath: String? = nil, context: ComputeContext
    ) throws(SwiftletError) {
        try options.validate()
        try model.checkLanguageHead()
        self.model = model
        self.examples = examples
        self.evaluation = evaluation
        self.output = output
        self.options = options
        self.logPath = logPath
        self.context = context
        if case .epochs(let count) = options.length,
            count.multipliedReportingOverflow(by: order.stepsPerEpoch).overflow
        {
            throw SwiftletError(.usage, "epochs: \(count) make more steps than can be counted")
        }
    }

    /// Whether a run may have a folder as its output, to be asked before long work on its data.
    ///
    /// - Throws: cannot create (73) when something is there and is not to be resumed.
    public static func checkOutput(_ output: String, resumes: Bool) throws(SwiftletError) {
        try RunIdentity.checkPlace(output, resumes: resumes)
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
    ///   - onEvent: told what happens.
    /// - Throws: cannot create (73) when the output exists; the errors of reading and writing;
    ///   ``SwiftletBytes/SwiftletError/Code/stoppedBySignal`` and
    ///   ``SwiftletBytes/SwiftletError/Code/stoppedByTermination`` after saving;
    ///   ``SwiftletBytes/SwiftletError/Code/lossNotFinite``.
    public func run(
        shouldStop: () -> Stop? = { nil }, onEvent: (FineTuneEvent) -> Void = { _ in }
    ) throws(SwiftletError) -> FineTuneResult {
        if let logPath, !FileSystem.isFolder(FileSystem.parent(logPath)) {
            throw SwiftletError(.cannotCreate, file: logPath, "its folder does not exist")
        }
        try RunIdentity(model, options, totalSteps: totalSteps, examples: examples)
            .claim(output, resumes: options.resumes)
        if FileSystem.isFile(FileSystem.join(output, ModelFolder.weightsFile)) {
            return FineTuneResult(
                steps: totalSteps, loss: nil, evaluationLoss: nil, tokens: 0, seconds: 0,
                overflows: 0, wasComplete: true)
        }
        let parameters = try ParameterSet(model)
        let optimizer = AdamW(
            parameters.parameters, weightDecay: options.weightDecay, decay: options.decay)
        let state = TrainingState(output: output)
        state.removeLeftovers()
        if options.resumes, let newest = try state.steps().last {
            try state.load(step: newest, into: parameters, optimizer)
        }
        let log: TrainingLog? =
            if let logPath {
                try TrainingLog(
                    path: logPath, after: optimizer.stepCount, resumes: options.resumes)
            } else { nil }
        onEvent(
            .started(
                .init(
                    done: optimizer.stepCount, total: totalSteps, lines: examples.count,
                    parameters: parameters.count)))
        var run = Run(parameters: parameters, optimizer: optimizer, state: state, log: log)
        try train(&run, shouldStop, onEvent)
        // Each step checks the loss before its update; this checks the last update's result.
        guard parameters.areFinite(context) else { throw Self.notFinite(step: totalSteps) }
        let dtype = options.dtype ?? model.dtype
        let overflows = try ModelFolder.write(
            parameters, source: model, dtype: dtype, into: output)
        return FineTuneResult(
            steps: optimizer.stepCount, loss: run.loss, evaluationLoss: run.evaluationLoss,
            tokens: run.tokens, seconds: run.seconds, overflows: overflows, wasComplete: false)
    }

    /// The steps of the whole run.
    public var totalSteps: Int {
        switch options.length {
        case .steps(let count): count
        case .epochs(let count): count * order.stepsPerEpoch
        }
    }

    private var order: BatchOrder {
        BatchOrder(
            lineCount: examples.count, batchSize: options.batchSize,
            seed: options.shuffles ? options.seed : nil)
    }

    private struct Run {
        let parameters: ParameterSet
        let optimizer: AdamW
        let state: TrainingState
        let log: TrainingLog?
        var loss: Double?
        var evaluationLoss: Double?
        var tokens = 0
        var seconds = 0.0
    }

    private func train(
        _ run: inout Run, _ shouldStop: () -> Stop?, _ onEvent: (FineTuneEvent) -> Void
    ) throws(SwiftletError) {
        let pass = TrainingPass(run.parameters.decoder, context: context)
        let schedule = LearningRateSchedule(
            shape: options.schedule, peak: options.learningRate, warmup: options.warmup,
            total: totalSteps)
        var order = order
        let clock = ContinuousClock()
        while run.optimizer.stepCount < totalSteps {
            if let stop = shouldStop() {
                try save(run, onEvent)
                throw stop.error(step: run.optimizer.stepCount, output: output)
            }
            let start = clock.now
            let batch = order.lines(after: run.optimizer.stepCount).map { examples[$0] }
            let rate = schedule.rate(after: run.optimizer.stepCount)
            let (loss, norm) = try step(batch, rate: rate, pass, run)
            let seconds = (clock.now - start) / .seconds(1)
            let tokens = batch.reduce(0) { $0 + $1.ids.count }
            run.loss = loss
            run.tokens += tokens
            run.seconds += seconds
            let event = FineTuneEvent.Step(
                number: run.optimizer.stepCount, loss: loss, learningRate: rate,
                gradientNorm: norm, tokensPerSecond: Double(tokens) / max(seconds, 1e-9))
            try run.log?.append(event.object)
            onEvent(.step(event))
            try evaluateIfDue(&run, onEvent)
            if let every = options.saveEvery, run.optimizer.stepCount % every == 0,
                run.optimizer.stepCount < totalSteps
            {
                try save(run, onEvent)
            }
        }
    }

    /// One update; the loss and the gradients' norm before it.
    private func step(
        _ batch: [TrainingExample], rate: Double, _ pass: TrainingPass, _ run: Run
    ) throws(SwiftletError) -> (loss: Double, norm: Double) {
        run.parameters.zeroGradients(context)
        var loss = 0.0
        let size = options.microBatchSize ?? batch.count
        for first in stride(from: 0, to: batch.count, by: size) {
            let part = TrainingBatch(
                Array(batch[first..<min(first + size, batch.count)]), of: batch,
                mean: options.lossMean)
            var crossEntropy = CrossEntropyLoss(targets: part.targets, weights: part.weights)
            loss += try pass.run(part.tokens, rows: part.rows, loss: &crossEntropy)
        }
        let norm = run.parameters.gradientNorm(context)
        guard loss.isFinite, norm.isFinite else {
            throw Self.notFinite(step: run.optimizer.stepCount + 1)
        }
        // torch.nn.utils.clip_grad_norm_ divides by the norm plus 1e-6.
        let scale = options.clip > 0 ? min(1, options.clip / (norm + 1e-6)) : 1
        run.optimizer.step(learningRate: rate, gradientScale: scale, context)
        return (loss, norm)
    }

    private static func notFinite(step: Int) -> SwiftletError {
        SwiftletError(
            .lossNotFinite, "the loss, its gradient or a parameter is not finite",
            at: "step \(step)", hint: "a lower learning rate may help")
    }

    private func evaluateIfDue(_ run: inout Run, _ onEvent: (FineTuneEvent) -> Void)
        throws(SwiftletError)
    {
        guard !evaluation.isEmpty else { return }
        let step = run.optimizer.stepCount
        let interval = options.evaluateEvery ?? order.stepsPerEpoch
        guard step % interval == 0 || step == totalSteps else { return }
        let loss = try Evaluation(run.parameters.decoder, context: context)
            .meanLoss(evaluation, mean: options.lossMean)
        run.evaluationLoss = loss
        try run.log?.append(["step": JSONValue(step), "eval_loss": JSONValue(finite: loss)])
        onEvent(.evaluation(step: step, loss: loss))
    }

    private func save(_ run: Run, _ onEvent: (FineTuneEvent) -> Void) throws(SwiftletError) {
        // A state that survives a power cut must not be ahead of the log.
        try run.log?.synchronize()
        try run.state.save(run.parameters, run.optimizer, source: model)
        try run.state.keepNewest(options.keep)
        onEvent(.saved(step: run.optimizer.stepCount))
    }
}

extension FineTuner.Stop {
    fileprivate func error(step: Int, output: String) -> SwiftletError {
        SwiftletError(
            self == .interrupted ? .stoppedBySignal : .stoppedByTermination, file: output,
            "stopped, saved after step \(step)", hint: "the same command with --resume goes on")
    }
}

extension SwiftletError.Code {
    /// Stopped by SIGINT or a cancelled task, after saving.
    public static let stoppedBySignal = Self("training.interrupted", .interrupted)
    /// Stopped by SIGTERM, after saving.
    public static let stoppedByTermination = Self("training.terminated", .terminated)
    /// A loss or gradient became infinite or NaN.
    public static let lossNotFinite = Self("training.notFinite", .badData)
}
