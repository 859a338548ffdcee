import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM

/// How a model is run: `--precision`, `--weights`, `--threads`.
struct RunningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "f32: the reference's numbers; bf16: inputs of products rounded to 16 bits, which is "
                + "faster where the processor has products of bf16. Weights of 8 bits are multiplied as "
                + "they are.", valueName: "dtype"))
    var precision = PrecisionOption.f32

    @Option(
        help: ArgumentHelp(
            "stored: the weights where they lie in the file; int8: matrices in 8 bits, made when the "
                + "model is loaded.", valueName: "kind"))
    var weights = WeightsOption.stored

    @OptionGroup var threads: ThreadsOption

    /// What the model is computed on.
    func context() throws(SwiftletError) -> ComputeContext {
        try threads.context(precision: precision.precision)
    }

    /// Opens a model and says what was noticed.
    ///
    /// - Parameters:
    ///   - model: as the user names it.
    ///   - context: the threads.
    ///   - quiet: whether notes and progress are wanted.
    func model(_ model: String, _ context: ComputeContext, _ quiet: QuietOption)
        throws(SwiftletError) -> LanguageModel
    {
        let model = try LanguageModel(path: try ModelLocator.resolve(model))
        model.notes.forEach(quiet.note)
        guard weights == .int8 else { return model }
        let bar = ProgressBar(
            "quantizing", total: model.decoder.description.layerCount, unit: "layers",
            quiet: quiet.quiet)
        defer { bar.finish() }
        return model.quantized(context) { bar.update($0) }
    }
}

/// The values of `--weights`.
enum WeightsOption: String, ExpressibleByArgument, CaseIterable {
    case stored, int8
}

/// The values of `--precision`.
enum PrecisionOption: String, ExpressibleByArgument, CaseIterable {
    case f32, bf16

    var precision: Precision {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        }
    }
}
