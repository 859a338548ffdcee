import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletTuning

/// What all commands that train have in common: data, optimizer, memory, the run and its output.
struct TrainingOptions: ParsableArguments {
    @OptionGroup(title: "Data") var data: TrainingDataOptions
    @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
    @OptionGroup(title: "Memory") var memory: MemoryOptions
    @OptionGroup(title: "Run") var run: RunOptions

    @Option(help: "Dtype of the result (default: the model's).")
    var dtype: DTypeOption?

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    /// The settings of a run, which the library checks.
    ///
    /// - Throws: usage (64).
    func settings(_ method: TrainingMethod) throws(SwiftletError) -> FineTuneOptions {
        var options = FineTuneOptions()
        options.method = method
        data.apply(to: &options)
        optimizer.apply(to: &options)
        run.apply(to: &options)
        try memory.apply(to: &options)
        options.dtype = dtype?.dtype
        try options.validate()
        return options
    }

    /// The threads to compute on.
    func context() throws(SwiftletError) -> ComputeContext {
        try threads.context(precision: memory.precision.precision)
    }
}
