import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Finds a model's best responses to prompts by beam search, and scores their texts.
struct SequenceLabeler {
    private let session: GenerationSession
    private let scorer: CandidateScorer
    private let encoder: PromptEncoder
    private let options: GenerationOptions

    /// Prompts computed together; a kill loses no more.
    private static let batchSize = 8

    init(_ model: LanguageModel, _ settings: LabelSettings, _ context: ComputeContext)
        throws(SwiftletError)
    {
        scorer = try CandidateScorer(model, context)
        session = GenerationSession(model, tokenizer: try model.tokenizer(), context: context)
        encoder = PromptEncoder(model)
        options = settings.generation
    }

    /// The tokens of a prompt.
    func front(_ prompt: String) throws(SwiftletError) -> [Int32] {
        let front = try encoder.front(prompt)
        try session.validate(front)
        return front
    }

    /// Computes the beginning that all prompts have in common once.
    func share(prefixOf fronts: [[Int32]]) throws(SwiftletError) {
        let prefix = SharedPrefix.common(of: fronts)
        try session.share(prefix: prefix)
        try scorer.share(prefix: prefix)
    }

    /// Which of `count` prompts are computed together.
    static func batches(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: batchSize).map { $0..<min($0 + batchSize, count) }
    }

    /// The candidates of each prompt, best first, with the model's log-probabilities.
    func candidates(_ fronts: [[Int32]]) throws(SwiftletError) -> [[Candidate]] {
        let found = try session.generate(fronts, options).map { sequences in
            Candidate.merged(
                sequences.map { sequence in
                    Candidate(
                        text: (sequence.text ?? "").trimmed, score: sequence.score,
                        isFinished: sequence.finished)
                })
        }
        var requests: [[CandidateScorer.Request]] = []
        for (front, candidates) in zip(fronts, found) {
            requests.append(try fitting(front, candidates))
        }
        var scored = try scorer.score(requests.flatMap(\.self))[...]
        return requests.map { requests in
            defer { scored = scored.dropFirst(requests.count) }
            return Array(scored.prefix(requests.count))
        }
    }

    /// Requests for those candidates that fit the context: encoded again, a response may have more
    /// tokens than it was generated with.
    private func fitting(_ front: [Int32], _ candidates: [Candidate]) throws(SwiftletError)
        -> [CandidateScorer.Request]
    {
        var requests: [CandidateScorer.Request] = []
        var failure: SwiftletError?
        for candidate in candidates {
            do throws(SwiftletError) {
                requests += try scorer.requests(front, [candidate])
            } catch  where error.code == .sequenceTooLong {
                failure = error
            }
        }
        if requests.isEmpty, let failure { throw failure }
        return requests
    }
}

/// Computes the log-probabilities that a model gives candidates' texts, encoded by its own tokenizer
/// (METHOD §6).
struct CandidateScorer {
    private let scorer: Scorer
    private let encoder: PromptEncoder
    private let model: LanguageModel

    /// A candidate to score.
    struct Request {
        var candidate: Candidate
        let scoring: Scorer.Request
    }

    init(_ model: LanguageModel, _ context: ComputeContext) throws(SwiftletError) {
        try model.checkLanguageHead()
        scorer = Scorer(model, context: context)
        encoder = PromptEncoder(model)
        self.model = model
    }

    /// The tokens of a prompt.
    func front(_ prompt: String) throws(SwiftletError) -> [Int32] { try encoder.front(prompt) }

    /// Computes the beginning that all prompts have in common once.
    func share(prefix: [Int32]) throws(SwiftletError) { try scorer.share(prefix: prefix) }

    /// Requests for the candidates of an encoded prompt.
    ///
    /// - Throws: bad data (65) for an empty prompt, or a candidate that does not fit the context.
    func requests(_ front: [Int32], _ candidates: [Candidate]) throws(SwiftletError) -> [Request] {
        guard !front.isEmpty else {
            throw SwiftletError(.emptyPrompt, "the prompt has no tokens, so nothing can follow it")
        }
        var requests: [Request] = []
        for (rank, candidate) in candidates.enumerated() {
            let response = try encoder.response(candidate.text, closes: candidate.isFinished)
            var candidate = candidate
            candidate.byteLengths = response.byteLengths
            // A model without closing token cannot finish.
            candidate.isFinished = response.isClosed
            let ids = front + response.ids
            do throws(SwiftletError) {
                try scorer.validate(ids)
            } catch {
                throw error.at("candidate \(rank)")
            }
            requests.append(
                Request(
                    candidate: candidate,
                    scoring: Scorer.Request(ids: ids, firstScored: front.count)))
        }
        return requests
    }

    /// The candidates with the model's log-probabilities; prompts that requests share are computed
    /// once.
    func score(_ requests: [Request]) throws(SwiftletError) -> [Candidate] {
        let scores: [[Double]]
        do throws(SwiftletError) {
            scores = try scorer.score(requests.map(\.scoring))
        } catch {
            throw error.code == .logitsNotFinite ? error.inFile(model.path) : error
        }
        return zip(requests, scores).map { request, scores in
            var candidate = request.candidate
            candidate.logProbabilities = scores.map { min($0, 0) }
            return candidate
        }
    }
}

extension String {
    /// The text without Unicode white space at its ends.
    fileprivate var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
