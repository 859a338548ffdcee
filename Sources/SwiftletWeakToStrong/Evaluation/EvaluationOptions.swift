import SwiftletBytes
import SwiftletLM

/// How a model is run on a task.
public struct EvaluationOptions: Sendable {
    /// The most new tokens of a generated answer.
    public var maxNewTokens: Int
    /// The number of beams; nil takes the most likely token at each step.
    public var beams: Int?
    /// The prompts that are continued together.
    ///
    /// The last bits of a result depend on it, so it belongs to the settings of a run.
    public var batchSize: Int
    /// How the evidential uncertainty of a class is computed from its logits.
    public var classEvidence: Evidential
    /// How the evidential uncertainty of generated tokens is computed from their logits; nil does
    /// not compute it, which needs a second pass over each answer.
    public var tokenEvidence: Evidential?

    /// Creates options.
    ///
    /// - Parameters:
    ///   - maxNewTokens: the most new tokens of a generated answer.
    ///   - beams: the number of beams; nil takes the most likely token at each step.
    ///   - batchSize: the prompts that are continued together.
    ///   - classEvidence: for the uncertainty of classes.
    ///   - tokenEvidence: for the uncertainty of generated tokens; nil does not compute it.
    public init(
        maxNewTokens: Int = 128, beams: Int? = nil, batchSize: Int = 16,
        classEvidence: Evidential = Evidential(clamp: 10), tokenEvidence: Evidential? = nil
    ) {
        self.maxNewTokens = maxNewTokens
        self.beams = beams
        self.batchSize = batchSize
        self.classEvidence = classEvidence
        self.tokenEvidence = tokenEvidence
    }

    /// How answers are generated.
    var generation: GenerationOptions {
        GenerationOptions(
            maxNewTokens: maxNewTokens,
            strategy: beams.map { .beams(BeamOptions(beamCount: $0)) } ?? .greedy)
    }

    /// The same settings as a request, to compare them with a model's configuration.
    var request: GenerationRequest {
        var request = GenerationRequest()
        (request.maxNewTokens, request.beams) = (maxNewTokens, beams)
        return request
    }

    /// Checks the ranges.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage``.
    public func validate() throws(SwiftletError) {
        try generation.validate()
        guard (1...1024).contains(batchSize) else {
            throw SwiftletError(.usage, "the number of prompts at a time must be from 1 to 1024")
        }
    }
}
