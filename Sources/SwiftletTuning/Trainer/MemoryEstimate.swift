import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// The memory that a run needs, computed from shapes before anything is allocated.
///
/// Frozen tensors are not part of it: they are read from the mapped file, whose pages the system can
/// drop. Nor are the few megabytes of threads and libraries.
public struct MemoryEstimate: Sendable, Equatable {
    /// Bytes of trained values: weights, master weights and working copies.
    public let parameters: Int
    /// Bytes of gradients.
    public let gradients: Int
    /// Bytes of both moments.
    public let moments: Int
    /// Bytes of the activations of the largest micro-batch that the longest examples can make.
    public let activations: Int
    /// Bytes of the rows that the head reads, and of one chunk of logits.
    public let logits: Int
    /// The tokens of the micro-batch.
    public let tokens: Int

    /// Everything.
    public var total: Int { parameters + gradients + moments + activations + logits }

    /// Computes the memory of a run.
    ///
    /// - Parameters:
    ///   - size: what is trained.
    ///   - decoder: the model.
    ///   - largest: tokens and targets of the largest micro-batch.
    ///   - matrices: the form of trained matrices.
    ///   - options: what memory is spent on.
    ///   - precision: of the products.
    init(
        _ size: TrainedSize, _ decoder: TransformerDecoder,
        largest: (tokens: Int, targets: Int), matrices: StateMatrix.Form,
        _ options: TrainingMemoryOptions, _ precision: Precision
    ) {
        func bytes(_ form: StateMatrix.Form) -> Int {
            form.byteCount * size.matrixElements + 4 * size.vectorElements
        }
        parameters = bytes(matrices)
        gradients = bytes(.single)
        moments = 2 * bytes(options.momentForm)
        tokens = largest.tokens
        let memory = ActivationMemory(
            decoder, tokens: tokens, rows: largest.targets, keptLayers: size.layerCount,
            checkpointing: options.checkpointing, precision: precision)
        activations = memory.layers
        logits = memory.logits
    }

    /// Checks that the run fits.
    ///
    /// - Parameters:
    ///   - limit: the bytes that it may need.
    ///   - advice: settings that would need less, by name.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingMemory`` with the numbers.
    func check(limit: Int, advice: [String]) throws(SwiftletError) {
        guard total > limit else { return }
        let parts = [
            ("parameters", parameters), ("gradients", gradients), ("moments", moments),
            ("activations of \(tokens) tokens", activations), ("logits", logits),
        ]
        throw SwiftletError(
            .trainingMemory,
            "the run needs \(Self.text(total)) of memory, and \(Self.text(limit)) are available: "
                + parts.map { "\(Self.text($0.1)) for \($0.0)" }.joined(separator: ", "),
            hint: "less is needed with \(advice.joined(separator: ", ")); --memory-limit overrides")
    }

    /// A size in decimal units.
    public static func text(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), 0)
        while value >= 999.5, unit < 4 {
            value /= 1000
            unit += 1
        }
        let rounded = unit > 0 && value < 99.95 ? (value * 10).rounded() / 10 : value.rounded()
        let digits = rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
        return "\(digits) \(["B", "kB", "MB", "GB", "TB"][unit])"
    }
}

extension SwiftletError.Code {
    /// A run needs more memory than there is.
    ///
    /// It is the settings that are refused, before anything is written, so it is an error of usage.
    public static let trainingMemory = Self("training.memory", .usage)
}

extension FineTuner {
    /// Settings that would need less memory, by the names of their options.
    static func memoryAdvice(
        _ options: FineTuneOptions, _ precision: Precision, microBatchSize: Int
    ) -> [String] {
        var advice: [String] = []
        if options.method == .full { advice.append("--method lora") }
        if !options.memory.checkpointing { advice.append("--checkpointing") }
        if microBatchSize > 1 { advice.append("--micro-batch-size 1") }
        // Adapters are in single precision, whatever the precision of the products.
        let adapts = if case .lowRank = options.method { true } else { false }
        if precision == .f32, !adapts { advice.append("--precision bf16") }
        if options.memory.moments == .f32 { advice.append("--moments bf16") }
        if precision == .bf16, options.memory.master == .f32, !adapts {
            advice.append("--master none")
        }
        return advice + ["a smaller --max-length"]
    }
}
