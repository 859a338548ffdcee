import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletTuning

/// Runs a training and shows its course, for the commands that train.
struct TrainingRun {
    private let output: String
    private let options: FineTuneOptions
    private let log: String?
    private let curve: CurveRecorder?
    private let quiet: QuietOption

    /// Checks where the results go, before long work.
    ///
    /// - Parameters:
    ///   - output: the folder of the result.
    ///   - options: the settings.
    ///   - training: the files that the run writes on its way, and whether notes and progress are
    ///     shown.
    /// - Throws: usage (64) for the name of a file of weights; cannot create (73) when something is there
    ///   that is not this run's to continue.
    init(
        output: String, options: FineTuneOptions, _ training: TrainingOptions
    ) throws(SwiftletError) {
        quiet = training.quiet
        log = training.run.log
        try FineTuner.checkOutput(output, logPath: log, resumes: options.resumes)
        curve = try CurveRecorder(training.run, output: output, quiet: quiet)
        self.output = output
        self.options = options
    }

    /// Runs to the end, or until a signal stops it, and prints the result.
    ///
    /// - Parameters:
    ///   - task: what is learned.
    ///   - context: the threads.
    ///   - json: whether the result is printed as JSON.
    /// - Throws: the errors of `FineTuner`.
    func run(_ task: TrainingTask, context: ComputeContext, json: Bool) throws(SwiftletError) {
        task.notes.forEach(quiet.note)
        // An adapter has no files of the model.
        if case .lowRank = options.method {
        } else {
            CarriedFiles.notes(in: task.model.path).forEach(quiet.note)
        }
        let tuner = try FineTuner(
            task, output: output, options: options, logPath: log, context: context)
        StopSignals.listen()
        let progress = FinetuneProgress(output: output, quiet: quiet, json: json)
        // Also of a run that fails.
        defer { curve?.write() }
        let result = try tuner.run(shouldStop: { StopSignals.stop }) { event in
            progress.show(event)
            curve?.record(event)
        }
        progress.report(result)
    }
}
