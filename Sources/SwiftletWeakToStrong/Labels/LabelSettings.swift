import SwiftletBytes
import SwiftletLM

/// How a weak model labels.
public struct LabelSettings: Sendable, Equatable {
    /// Whether all probability goes to the most probable class.
    public var isHard = false
    /// M: the beams of a search, and the responses kept of it.
    public var beams = 4
    /// The limit of a response in tokens.
    public var maxNewTokens = 128
    /// Exponent of the length by which a response's sum of log-probabilities is divided when
    /// responses are ranked.
    public var lengthPenalty = 1.0
    /// Other settings that the labels depend on, such as those of running the model, as names and
    /// values of the file's record; none at their defaults.
    public var others: JSONObject = [:]

    /// METHOD's settings.
    public init() {}

    /// Checks the ranges.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage``.
    public func validate() throws(SwiftletError) {
        try generation.validate()
        guard maxNewTokens >= 1 else {
            throw SwiftletError(.usage, "the maximum number of new tokens must be at least 1")
        }
    }

    /// The search for responses.
    var generation: GenerationOptions {
        var search = BeamOptions(
            beamCount: beams, returnCount: beams, lengthPenalty: lengthPenalty)
        search.prefersEnded = true
        return GenerationOptions(maxNewTokens: maxNewTokens, strategy: .beams(search))
    }

    /// The same settings as a request, to compare them with a model's configuration.
    var request: GenerationRequest {
        var request = GenerationRequest()
        (request.maxNewTokens, request.beams) = (maxNewTokens, beams)
        (request.returnCount, request.lengthPenalty) = (beams, lengthPenalty)
        return request
    }

    /// The settings of labels of a kind, as names and values.
    func identity(_ kind: LabelKind) -> JSONObject {
        var identity: JSONObject = [:]
        switch kind {
        case .classes:
            if isHard { identity.append("hard", .bool(true)) }
        case .sequences:
            identity.append("beams", JSONValue(beams))
            identity.append("max-new-tokens", JSONValue(maxNewTokens))
            if lengthPenalty != 1 {
                identity.append("length-penalty", JSONValue(finite: lengthPenalty))
            }
        }
        return identity
    }
}
