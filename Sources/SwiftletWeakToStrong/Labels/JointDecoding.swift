import SwiftletBytes

/// Joint decoding: which of all weak models' candidates all of them together like best, equation (6)
/// and METHOD §6.
public struct JointDecoding: Sendable, Equatable {
    /// How a model's log-probabilities become its score.
    public let score: JointScore
    /// λ: one weight per weak model, from 0, with the sum 1.
    public let weights: [Double]

    /// Creates a rule.
    public init(score: JointScore = .sum, weights: [Double]) {
        self.score = score
        self.weights = weights
    }

    /// Chooses among the candidates of a prompt.
    ///
    /// - Parameter tables: one per weak model, in the order of the weights, listing the same
    ///   candidates.
    /// - Returns: all candidates with their scores.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/labelLine`` for tables that list different
    ///   candidates or lack log-probabilities.
    public func callAsFunction(_ tables: [SequenceLabel]) throws(SwiftletError) -> JointLabel {
        precondition(tables.count == weights.count, "one weight per table")
        var logProbabilities = tables[0].candidates.map { _ in [[Double]]() }
        for (index, table) in tables.enumerated() {
            guard table.hasSameCandidates(as: tables[0]) else {
                throw SwiftletError(
                    .labelLine, "file \(index + 1) lists other candidates than file 1",
                    hint: "score all files' candidates with each model: label MODEL "
                        + "--score-candidates L1 L2 …")
            }
            for (rank, candidate) in table.candidates.enumerated() {
                guard let known = candidate.logProbabilities else {
                    throw SwiftletError(
                        .labelLine, "a candidate of file \(index + 1) has no log-probabilities",
                        at: "key \"candidates[\(rank)].logprobs\"")
                }
                logProbabilities[rank].append(known)
            }
        }
        let joint = logProbabilities.map { score.score($0, weights: weights) }
        let (best, worst) = JointScore.extremes(joint)
        return JointLabel(
            prompt: tables[0].prompt, candidates: tables[0].candidates,
            // Each model's own score, whatever its weight.
            scores: logProbabilities.map { models in
                models.map { (score == .mean ? JointScore.mean : .sum).score([$0], weights: [1]) }
            },
            joint: joint, best: best, worst: worst)
    }
}

/// What joint decoding makes of one prompt.
public struct JointLabel: Sendable, Equatable {
    /// The prompt.
    public let prompt: String
    /// The candidates: in the order of the weak models, then of their beams.
    public let candidates: [Candidate]
    /// For each candidate, the score that each weak model gives it.
    public let scores: [[Double]]
    /// For each candidate, the joint score.
    public let joint: [Double]
    /// The position of the candidate with the highest joint score, of equal ones the first.
    public let best: Int
    /// The position of the candidate with the lowest joint score, of equal ones the first.
    public let worst: Int

    /// The response that all weak models together like best.
    public var target: Candidate { candidates[best] }

    /// The line as JSON.
    public var object: JSONObject {
        let table = candidates.indices.map { index in
            var object: JSONObject = [
                "text": .string(candidates[index].text),
                "finished": .bool(candidates[index].isFinished),
            ]
            if let source = candidates[index].source { object.append("source", JSONValue(source)) }
            object.append("scores", .array(scores[index].map { JSONValue(finite: $0) }))
            object.append("joint", JSONValue(finite: joint[index]))
            return JSONValue.object(object)
        }
        return [
            "prompt": .string(prompt), "text": .string(target.text),
            "finished": .bool(target.isFinished), "best": JSONValue(best),
            "worst": JSONValue(worst), "candidates": .array(table),
        ]
    }
}

extension JointDecoding {
    /// Writes what joint decoding makes of tables.
    ///
    /// - Parameters:
    ///   - paths: a table of every weak model, in the order of the weights.
    ///   - output: the file of joint labels; replaced if it exists.
    /// - Returns: the number of prompts.
    /// - Throws: the errors of reading, naming file and line, and of writing.
    @discardableResult
    public func write(tables paths: [String], to output: String) throws(SwiftletError) -> Int {
        let file = try AtomicFile(path: output)
        var count = 0
        try forEach(tables: paths) { label, models throws(SwiftletError) in
            var object = label.object
            object.append("score", .string(score.rawValue))
            object.append("weights", .array(weights.map { JSONValue(finite: $0) }))
            object.append("models", .array(models.map { $0?.json ?? .null }))
            try file.write(JSONValue.object(object).text() + "\n")
            count += 1
        }
        try file.commit()
        return count
    }

    /// Calls `body` with what joint decoding makes of each prompt of some tables.
    func forEach(
        tables paths: [String],
        _ body: (JointLabel, [LabelModel?]) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        try Self.check(weights, paths)
        var files = try LabelFiles<SequenceLabel>(paths)
        while let tables = try files.next() {
            let label: JointLabel
            do throws(SwiftletError) {
                label = try self(tables)
            } catch {
                throw error.inFile(paths[0]).at("line \(files.line)")
            }
            try body(label, tables.map(\.model))
        }
    }

    private static func check(_ weights: [Double], _ paths: [String]) throws(SwiftletError) {
        guard weights.count == paths.count else {
            throw SwiftletError(.usage, "\(weights.count) weights for \(paths.count) label files")
        }
        var settings = StudentSettings()
        settings.weights = weights
        try settings.validate()
    }
}
