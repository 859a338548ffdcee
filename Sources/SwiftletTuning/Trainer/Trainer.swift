import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// The loop of a run: steps until the end or until told to stop; logging, evaluating and saving in
/// between.
///
/// What a step does, what is learned from the examples and how the parameters are updated is given
/// to it.
struct Trainer {
    let step: TrainingStep
    let examples: any ExampleSource
    /// Batches that are read ahead.
    let readAhead: Int
    let schedule: LearningRateSchedule
    let evaluation: EvaluationPlan
    let saving: Saving
    let log: TrainingLog?

    /// Where and when states are saved.
    struct Saving {
        let state: TrainingState
        /// Steps between states; nil saves only when the run is stopped.
        let interval: Int?
        /// States kept.
        let keep: Int
        /// Where the parameters with the best evaluation are kept; nil if they are not.
        let best: BestState?
    }

    /// What a run has come to so far.
    struct Outcome {
        /// Steps done, earlier runs included.
        var step: Int
        var loss: Double?
        var evaluation: Evaluation?
        /// Nil where evaluations decide nothing.
        var history: EvaluationHistory?
        var tokens = 0
        var seconds = 0.0

        /// Whether evaluations have ended the run.
        var isExhausted: Bool { history?.isExhausted == true }
    }

    /// Runs from a state to the end of the schedule, until evaluations no longer improve, or until
    /// told to stop; then the state is saved first.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/stoppedBySignal`` and
    ///   ``SwiftletBytes/SwiftletError/Code/stoppedByTermination`` after saving;
    ///   ``SwiftletBytes/SwiftletError/Code/lossNotFinite``; the errors of reading and writing.
    func run(
        from start: Outcome, order: BatchOrder, shouldStop: () -> FineTuner.Stop?,
        onEvent: (FineTuneEvent) -> Void
    ) throws(SwiftletError) -> Outcome {
        var outcome = start
        let batches = ExampleQueue(
            examples, depth: readAhead, nextBatch: batches(order, start.step))
        let clock = ContinuousClock()
        while outcome.step < schedule.total, !outcome.isExhausted {
            if let stop = shouldStop() {
                try save(outcome, onEvent)
                throw stop.error(step: outcome.step, output: saving.state.output)
            }
            let began = clock.now
            guard let batch = try batches.next() else { break }
            let rate = schedule.rate(after: outcome.step)
            let result = try step.run(
                batch, learningRate: rate,
                at: TrainingProgress(
                    step: outcome.step, totalSteps: schedule.total,
                    stepsPerEpoch: order.stepsPerEpoch))
            let seconds = (clock.now - began) / .seconds(1)
            let tokens = batch.reduce(0) { $0 + $1.tokenCount }
            outcome.step += 1
            outcome.loss = result.loss
            outcome.tokens += tokens
            outcome.seconds += seconds
            let event = FineTuneEvent.Step(
                number: outcome.step, loss: result.loss, learningRate: rate,
                gradientNorm: result.gradientNorm,
                tokensPerSecond: Double(tokens) / max(seconds, 1e-9))
            try log?.append(event.object)
            onEvent(.step(event))
            try evaluateIfDue(&outcome, onEvent)
            if let interval = saving.interval, outcome.step % interval == 0,
                outcome.step < schedule.total, !outcome.isExhausted
            {
                try save(outcome, onEvent)
            }
        }
        return outcome
    }

    /// The examples of one step after another.
    private func batches(_ order: BatchOrder, _ start: Int) -> () -> [Int]? {
        var (order, step) = (order, start)
        return {
            guard step < schedule.total else { return nil }
            defer { step += 1 }
            return order.lines(after: step)
        }
    }

    private func evaluateIfDue(_ outcome: inout Outcome, _ onEvent: (FineTuneEvent) -> Void)
        throws(SwiftletError)
    {
        guard evaluation.isDue(after: outcome.step, of: schedule.total) else { return }
        let result = try step.objective.evaluate(
            evaluation.examples, step.parameters.decoder, step.context)
        outcome.evaluation = result
        try log?.append(result.object(step: outcome.step))
        onEvent(.evaluation(step: outcome.step, result))
        guard outcome.history?.add(result, step: outcome.step) == true,
            let best = outcome.history?.best, let state = saving.best
        else { return }
        guard step.parameters.areFinite(step.context) else {
            throw SwiftletError.notFinite(step: outcome.step)
        }
        try state.save(best, step.parameters)
    }

    /// Saves a state, unless it has values that are not finite: the last good state is worth more.
    private func save(_ outcome: Outcome, _ onEvent: (FineTuneEvent) -> Void)
        throws(SwiftletError)
    {
        let number = outcome.step
        let moments = step.optimizer.moments
        guard step.parameters.areFinite(step.context),
            moments.allSatisfy({ step.context.sumOfSquares($0.values).isFinite })
        else { throw SwiftletError.notFinite(step: number) }
        // A state that survives a power cut must not be ahead of the log.
        try log?.synchronize()
        try saving.state.save(step: number, step.parameters, step.optimizer, outcome.history)
        try saving.state.keepNewest(saving.keep, upTo: number)
        onEvent(.saved(step: number))
    }
}
