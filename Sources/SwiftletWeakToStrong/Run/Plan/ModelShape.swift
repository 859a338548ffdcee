import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// The sizes of a model that decide what a stage needs, from its configuration alone.
struct ModelShape: Sendable, Equatable {
    /// All parameters, a tied head counted once.
    let parameters: Int
    /// Those of the layers, which every token passes.
    let layerParameters: Int
    /// Rows of the embedding.
    let vocabulary: Int
    let hidden: Int
    let layers: Int
    /// Bytes of a stored parameter.
    let parameterBytes: Int

    /// Reads the configuration of a model, whose weights may be missing.
    ///
    /// - Throws: no input (66), and the errors of configurations.
    init(model: String) throws(SwiftletError) {
        let configuration = try ModelConfiguration(path: try ModelLocator.resolve(model))
        parameters = configuration.parameterCount
        vocabulary = try configuration.dimension("vocabularySize")
        hidden = try configuration.dimension("hiddenSize")
        layers = try configuration.dimension("layerCount")
        let tables = vocabulary * hidden * (configuration.tiesHead ? 1 : 2)
        layerParameters = max(parameters - tables, 0)
        let precision = TargetPrecision(configuration: configuration.object) ?? .f32
        parameterBytes = (precision.dtype?.bits ?? 32) / 8
    }

    /// Bytes of the weights as they are stored.
    var storedBytes: Int { parameters * parameterBytes }

    /// Operations of a forward pass.
    ///
    /// - Parameters:
    ///   - tokens: all tokens.
    ///   - rows: those whose logits over the vocabulary are computed.
    /// - Returns: multiplications and additions.
    func operations(tokens: Double, rows: Double) -> Double {
        2 * (tokens * Double(layerParameters) + rows * Double(vocabulary) * Double(hidden))
    }

    /// What training needs.
    ///
    /// - Parameters:
    ///   - settings: how it is trained.
    ///   - examples: examples of an epoch.
    ///   - tokens: of an example.
    ///   - targets: tokens of an example with a loss over the vocabulary.
    ///   - evaluated: held-out examples.
    ///   - precision: of the products.
    /// - Returns: the estimate.
    func training(
        _ settings: TrainingSettings, examples: Int, tokens: Double, targets: Double,
        evaluated: Int = 0, precision: Precision
    ) -> StageEstimate {
        let perEpoch = max(1, (examples + settings.batchSize - 1) / settings.batchSize)
        let steps: Int
        switch settings.length {
        case .epochs(let count): steps = count * perEpoch
        case .steps(let count): steps = count
        }
        let seen = min(Double(steps) * Double(settings.batchSize), 1e15)
        var estimate = StageEstimate()
        let forward = operations(tokens: seen * tokens, rows: seen * targets)
        // The backward pass is two products for each of the forward pass; checkpointing repeats it.
        estimate.operations = forward * (settings.checkpointing ? 4 : 3)
        let epochs = Double(steps) / Double(perEpoch)
        estimate.operations += operations(
            tokens: epochs * Double(evaluated) * tokens,
            rows: epochs * Double(evaluated) * targets)
        let trained = settings.method == .lora ? adapterParameters(settings.rank) : parameters
        // An update reads and writes weights and both moments, reads and clears gradients.
        estimate.traffic = Double(steps) * Double(trained) * 4 * 8
        let split = precision == .bf16 && settings.master == .none ? 2 : 4
        let moments = settings.moments == .bf16 ? 4 : 8
        let batch = Double(min(settings.microBatchSize, settings.batchSize)) * tokens
        let perToken = settings.checkpointing ? layers + 16 : 16 * layers
        let chunk = min(
            batch * max(targets / max(tokens, 1), 0), 64_000_000 / Double(4 * vocabulary))
        estimate.memoryBytes =
            trained * (split + 4 + moments)
            + (settings.method == .lora ? storedBytes : 0)
            + Int(min(batch * Double(perToken * hidden) * 4 + chunk * Double(4 * vocabulary), 1e18))
        estimate.outputBytes =
            settings.method == .lora ? trained * 4 : storedBytes
        return estimate
    }

    /// Elements of adapters on all linear layers, taken as square ones of the hidden size: four of
    /// attention, and a feed-forward block of four times its width.
    private func adapterParameters(_ rank: Int) -> Int { layers * rank * hidden * (8 + 10) }

    /// What computing logits of given tokens needs.
    func scoring(examples: Double, tokens: Double, rows: Double) -> StageEstimate {
        var estimate = StageEstimate()
        estimate.operations = operations(tokens: examples * tokens, rows: examples * rows)
        estimate.memoryBytes = storedBytes + 64_000_000
        return estimate
    }

    /// What generating answers needs: each token of all beams reads the weights once.
    func generating(
        examples: Double, prompt: Double, answer: Double, beams: Int
    ) -> StageEstimate {
        var estimate = scoring(examples: examples, tokens: prompt, rows: 1)
        let new = examples * answer * Double(beams)
        estimate.operations += operations(tokens: new, rows: new)
        estimate.traffic += examples * answer * Double(storedBytes)
        return estimate
    }
}
