import SwiftletBytes
import SwiftletLM

/// A response to a prompt, with what one model thinks of it.
public struct Candidate: Sendable, Equatable {
    /// The response, without special tokens and without white space around it.
    public var text: String
    /// The log-probabilities that the model gives the response's tokens, EOS last if the response is
    /// finished; nil if unknown.
    public var logProbabilities: [Double]?
    /// How many bytes of `PromptEncoder.responseBytes(_:)` each token covers, EOS excepted; nil if unknown.
    public var byteLengths: [Int]?
    /// What ranked the candidate for the model that generated it: the sum of the log-probabilities of
    /// the tokens as generated, EOS included, divided by their number; nil if unknown.
    public var score: Double?
    /// Whether the response ends with EOS, rather than at the limit of tokens.
    public var isFinished: Bool
    /// The position of the file that the candidate is from, in tables of several files' candidates.
    public var source: Int?

    /// Creates a candidate.
    public init(
        text: String, logProbabilities: [Double]? = nil, byteLengths: [Int]? = nil,
        score: Double? = nil, isFinished: Bool = true, source: Int? = nil
    ) {
        self.text = text
        self.logProbabilities = logProbabilities
        self.byteLengths = byteLengths
        self.score = score
        self.isFinished = isFinished
        self.source = source
    }

    /// Whether both are the same response, byte by byte.
    public func isSameResponse(as other: Candidate) -> Bool {
        isFinished == other.isFinished && text.utf8.elementsEqual(other.text.utf8)
    }

    /// Of candidates with equal texts the first, finished if one of them is.
    ///
    /// - Parameter candidates: in order.
    /// - Returns: the candidates with different texts, in order.
    public static func merged(_ candidates: [Candidate]) -> [Candidate] {
        var places: [[UInt8]: Int] = [:]
        var merged: [Candidate] = []
        for candidate in candidates {
            if let place = places[Array(candidate.text.utf8)] {
                if candidate.isFinished { merged[place].isFinished = true }
            } else {
                places[Array(candidate.text.utf8)] = merged.count
                merged.append(candidate)
            }
        }
        return merged
    }
}

/// What a weak model responds to one prompt.
public struct SequenceLabel: LabelLine, Equatable {
    /// The prompt.
    public let prompt: String
    /// The responses, the model's best first, or a table of several models' candidates; at least one.
    public let candidates: [Candidate]
    /// Whose log-probabilities they are; nil if unknown.
    public let model: LabelModel?

    /// The largest log-probability that is taken as 0: what rounding leaves of certainty.
    public static let tolerance = 1e-6

    /// Creates a label.
    public init(prompt: String, candidates: [Candidate], model: LabelModel? = nil) {
        self.prompt = prompt
        self.candidates = candidates
        self.model = model
    }

    /// Reads the keys of a line.
    public init(_ line: LabelFields) throws(SwiftletError) {
        let fields = line.fields
        prompt = try fields.required("prompt", fields.string)
        let list = try fields.required("candidates", fields.list)
        guard !list.isEmpty else { throw fields.failure("candidates", "there are none") }
        var candidates: [Candidate] = []
        for item in list { candidates.append(try Candidate(item)) }
        self.candidates = candidates
        model = try line.model
    }

    /// The line as JSON.
    public var object: JSONObject {
        var object: JSONObject = [
            "prompt": .string(prompt),
            "candidates": .array(candidates.map { .object($0.object) }),
        ]
        if let model { object.append("model", model.json) }
        return object
    }

    /// Whether both are labels of the same prompt, byte by byte.
    public func isExample(of other: SequenceLabel) -> Bool {
        prompt.utf8.elementsEqual(other.prompt.utf8)
    }

    /// Nil: responses have no classes.
    public var classCount: Int? { nil }

    /// The candidates of several files for one prompt: in the order of the files and then of their
    /// candidates, equal texts once, without log-probabilities.
    ///
    /// - Parameter labels: one per file.
    /// - Returns: the candidates, each with the position of its file.
    public static func table(of labels: [SequenceLabel]) -> [Candidate] {
        Candidate.merged(
            labels.enumerated().flatMap { index, label in
                label.candidates.map { candidate in
                    Candidate(
                        text: candidate.text, score: candidate.score,
                        isFinished: candidate.isFinished, source: index)
                }
            })
    }

    /// Whether both are tables of the same candidates.
    public func hasSameCandidates(as other: SequenceLabel) -> Bool {
        candidates.elementsEqual(other.candidates) { $0.isSameResponse(as: $1) }
    }
}

extension Candidate {
    /// Reads the keys of an element of `candidates`.
    init(_ fields: JSONFields) throws(SwiftletError) {
        text = try fields.required("text", fields.string)
        isFinished = try fields.bool("finished", default: true)
        score = try fields.read("score", as: "a finite number") { value in
            value.double.flatMap { $0.isFinite ? $0 : nil }
        }
        source = try fields.int("source", in: 0...Int(Int32.max))
        logProbabilities = try fields.elements("logprobs", as: "a log-probability") {
            value -> Double? in
            value.double.flatMap {
                $0.isFinite && $0 <= SequenceLabel.tolerance ? min($0, 0) : nil
            }
        }
        let size = PromptEncoder.responseBytes(text).count
        byteLengths = try fields.elements("byte_lengths", as: "a length of at most \(size)") {
            value -> Int? in
            value.int.flatMap { (0...size).contains($0) ? $0 : nil }
        }
        guard let byteLengths else { return }
        // A tokenizer that inserts the space itself makes no token of an empty response.
        let sum = byteLengths.reduce(0, +)
        guard sum == size || (byteLengths.isEmpty && text.isEmpty) else {
            throw fields.failure(
                "byte_lengths", "the sum is \(sum), not \(size), the bytes of the text and a space")
        }
        let count = byteLengths.count + (isFinished ? 1 : 0)
        if let logProbabilities, logProbabilities.count != count {
            throw fields.failure(
                "logprobs", "\(logProbabilities.count) log-probabilities for \(count) tokens")
        }
    }

    /// The candidate as JSON.
    var object: JSONObject {
        var object: JSONObject = ["text": .string(text)]
        if let logProbabilities {
            object.append("logprobs", .array(logProbabilities.map { JSONValue(finite: $0) }))
        }
        if let byteLengths { object.append("byte_lengths", JSONValue(byteLengths)) }
        if let score { object.append("score", JSONValue(finite: score)) }
        object.append("finished", .bool(isFinished))
        if let source { object.append("source", JSONValue(source)) }
        return object
    }
}
