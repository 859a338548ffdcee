import SwiftletBytes
import SwiftletCompute
import SwiftletText

/// One continuation that grows token by token, greedily or by sampling.
struct SequenceState {
    /// The index of the prompt that it continues.
    let prompt: Int
    private let promptIDs: [Int32]
    private var sampler: Sampler?
    private let rules: LogitsRules?
    private var text: TextAssembler
    private let stopTokens: Set<Int32>
    private let limit: Int
    /// The limit without the context's.
    private let allowed: Int
    private(set) var ids: [Int32] = []
    private var score = 0.0
    private var finished = false
    /// Whether no further token is wanted.
    private(set) var isOver: Bool

    init(
        prompt: Int, promptIDs: [Int32], sampler: Sampler?, rules: LogitsRules?,
        text: TextAssembler, stopTokens: Set<Int32>, limit: Int, allowed: Int
    ) {
        self.prompt = prompt
        self.promptIDs = promptIDs
        self.sampler = sampler
        self.rules = rules
        self.allowed = allowed
        self.text = text
        self.stopTokens = stopTokens
        self.limit = limit
        isOver = limit <= 0
    }

    /// Chooses the next token.
    ///
    /// - Parameters:
    ///   - logits: 1 × vocabulary; changed by the rules.
    ///   - context: the threads.
    /// - Returns: the token and the text that became certain.
    /// - Throws: bad data (65) when the logits are not finite.
    mutating func advance(_ logits: Matrix, _ context: ComputeContext) throws(SwiftletError)
        -> GenerationPiece
    {
        // Before the choice, which NaN would lead astray.
        let logSumExp = context.logSumExp(logits)[0]
        guard logSumExp.isFinite else { throw notFinite }
        // The score is the model's, whatever the choice is based on.
        let plain = rules == nil ? logits : Matrix(copying: logits)
        rules?.apply(to: logits, prompt: promptIDs, new: ids, limit: allowed)
        let id = sampler?.draw(logits.values) ?? Int32(context.argmax(logits, row: 0))
        let logProbability = Double(plain[0, Int(id)]) - logSumExp
        guard logProbability.isFinite else { throw notFinite }
        ids.append(id)
        score += logProbability
        let stopped = stopTokens.contains(id)
        var certain = stopped ? "" : try text.push(id)
        finished = stopped || text.stopped
        isOver = finished || ids.count == limit
        if isOver { certain += text.finish() }
        return GenerationPiece(id: id, text: certain, logProbability: logProbability)
    }

    private var notFinite: SwiftletError {
        SwiftletError(
            .logitsNotFinite, "the model's logits are not finite", at: "new token \(ids.count + 1)")
    }

    /// Ends the sequence as it is.
    mutating func stop() { isOver = true }

    /// The result.
    var sequence: GeneratedSequence {
        GeneratedSequence(ids: ids, text: text.whole, score: score, finished: finished)
    }
}
