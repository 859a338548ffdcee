import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletSentencePiece

/// How a model is run: `--precision`, `--weights`, `--adapter`, `--threads`.
struct RunningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "f32: the reference's numbers; bf16: inputs of products rounded to bf16, which is faster "
                + "on processors with bf16 products. 8-bit weights are used as they are.",
            valueName: "dtype"))
    var precision = PrecisionOption.f32

    @Option(
        help: ArgumentHelp(
            "stored: the weights as stored in the file; int8: matrices quantized to 8 bits when the "
                + "model is loaded.", valueName: "kind"))
    var weights = WeightsOption.stored

    @Option(
        help: ArgumentHelp(
            "Use a low-rank adapter (LoRA, PEFT's layout), unmerged.", valueName: "folder"))
    var adapter: String?

    @OptionGroup var prefix: PrefixOption
    @OptionGroup var threads: ThreadsOption

    /// The threads that compute the model.
    func context() throws(SwiftletError) -> ComputeContext {
        try threads.context(precision: precision.precision)
    }

    /// Opens a model and prints its notes.
    ///
    /// - Parameters:
    ///   - model: a path or an id of the Hub.
    ///   - context: the threads.
    ///   - quiet: whether notes and progress are shown.
    /// - Returns: the model.
    /// - Throws: the errors of ``LanguageModel``.
    func model(_ model: String, _ context: ComputeContext, _ quiet: QuietOption)
        throws(SwiftletError) -> LanguageModel
    {
        var model = try LanguageModel(
            model, strippingPrefix: prefix.stripPrefix, sentencePiece: .library)
        model.notes.forEach(quiet.note)
        if let adapter { model = try model.adapted(by: adapter) }
        guard weights == .int8 else {
            if let note = model.decoder.memoryNote(precision.precision) { quiet.note(note) }
            return model
        }
        let bar = ProgressBar(
            "quantizing", total: model.decoder.description.layerCount, unit: "layers",
            quiet: quiet.quiet)
        defer { bar.finish() }
        return try model.quantized(context) { bar.update($0) }
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
