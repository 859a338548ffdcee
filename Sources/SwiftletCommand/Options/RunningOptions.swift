import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// How a model is run: `--threads`.
struct RunningOptions: ParsableArguments {
    @OptionGroup var threads: ThreadsOption

    /// What the model is computed on.
    func context() throws(SwiftletError) -> ComputeContext { try threads.context() }

    /// Opens a model.
    func model(_ path: String, _ context: ComputeContext) throws(SwiftletError) -> LanguageModel {
        try LanguageModel(path: path)
    }
}
