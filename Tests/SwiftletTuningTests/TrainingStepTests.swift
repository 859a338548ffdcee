import Foundation
import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Two threads as two ranks: each sum is taken in rank order.
private final class Pair: @unchecked Sendable {
    private let condition = NSCondition()
    private var values: [[Float]?] = [nil, nil]
    private var readers = 0

    func sum(_ own: [Float], rank: Int) -> [Float] {
        condition.lock()
        defer { condition.unlock() }
        while values[rank] != nil { condition.wait() }
        values[rank] = own
        condition.broadcast()
        while values.contains(where: { $0 == nil }) { condition.wait() }
        let total = zip(values[0] ?? [], values[1] ?? []).map(+)
        readers += 1
        if readers == 2 {
            (readers, values) = (0, [nil, nil])
        }
        condition.broadcast()
        while readers == 1, values[rank] != nil { condition.wait() }
        return total
    }
}

private struct Rank: Communicator {
    let rank: Int
    let pair: Pair
    var rankCount: Int { 2 }

    func sum(_ matrix: Matrix) {
        let total = pair.sum(matrix.values, rank: rank)
        matrix.copy(from: Matrix(rows: matrix.rows, columns: matrix.columns, total))
    }

    func sum(_ value: Double) -> Double { Double(pair.sum([Float(value)], rank: rank)[0]) }
    func any(_ condition: Bool) -> Bool { pair.sum([condition ? 1 : 0], rank: rank)[0] > 0 }
}

/// Language modeling that needs the whole batch, and records what it is given.
private struct WholeBatchObjective: TrainingObjective {
    let base = LanguageModeling()
    var identity: JSONObject { base.identity }
    var needsWholeBatch: Bool { true }
    func validate(_ model: LanguageModel) throws(SwiftletError) { try base.validate(model) }
    func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample]) -> TrainingBatch {
        base.makeBatch(examples, of: batch)
    }
    func makeLoss(_ batch: TrainingBatch, at progress: TrainingProgress) -> TokenLoss {
        base.makeLoss(batch, at: progress)
    }
    func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        try base.evaluate(examples, decoder, context)
    }
}

@Suite struct TrainingStepTests {
    private static let batch = (0..<5).map { line in
        let ids = (0..<(3 + line % 3)).map { Int32((line * 37 + $0 * 11) % 512) }
        return TrainingExample(ids: ids, labels: ids)
    }

    /// Three steps: the result of each, the gradients of the first, and the parameters after the
    /// last.
    private static func train(
        _ communicator: any Communicator, microBatchSize: Int? = nil
    ) throws -> Trained {
        let context = try ComputeContext(threadCount: 1)
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let parameters = try ParameterSet(model)
        let step = TrainingStep(
            objective: LanguageModeling(), parameters: parameters,
            pass: TrainingPass(parameters.decoder, context: context),
            optimizer: try AdamW(parameters.parameters, weightDecay: 0.01),
            communicator: communicator, microBatchSize: microBatchSize, clip: 1, context: context)
        var results: [TrainingStep.Result] = []
        var gradients: [[Float]] = []
        for done in 0..<3 {
            results.append(
                try step.run(
                    batch, learningRate: 1e-3,
                    at: TrainingProgress(step: done, totalSteps: 3, stepsPerEpoch: 1)))
            if done == 0 { gradients = parameters.parameters.map { $0.gradient.values } }
        }
        return Trained(
            results: results, gradients: gradients,
            parameters: parameters.parameters.map { $0.value.values })
    }

    @Test func twoRanksFollowOne() async throws {
        let whole = try Self.train(SingleProcess())
        let pair = Pair()
        // Ranks block each other, so they need threads that the test runner does not share.
        let ranks = try await withCheckedThrowingContinuation { continuation in
            let results = RankResults(continuation)
            for rank in 0..<2 {
                Thread {
                    results.add(rank, Result { try Self.train(Rank(rank: rank, pair: pair)) })
                }.start()
            }
        }
        #expect(ranks[0].parameters == ranks[1].parameters)
        for (one, two) in zip(whole.results, ranks[0].results) {
            let (one, two) = (try #require(one.loss), try #require(two.loss))
            #expect(abs(one - two) < 1e-6 * one)
        }
        for (one, two) in zip(whole.results, ranks[0].results) {
            #expect(abs(one.gradientNorm - two.gradientNorm) < 1e-5 * one.gradientNorm)
        }
        // Not the parameters: Adam makes whole steps of gradients that are nothing but rounding.
        let norm = Float(whole.results[0].gradientNorm)
        for (one, two) in zip(whole.gradients, ranks[0].gradients) {
            #expect(zip(one, two).allSatisfy { abs($0 - $1) < 1e-6 * norm })
        }
    }

    @Test func everyExampleHasOneRank() {
        struct Part: Communicator {
            let rank: Int
            let rankCount: Int
            func sum(_ matrix: Matrix) {}
            func sum(_ value: Double) -> Double { value }
            func any(_ condition: Bool) -> Bool { condition }
        }
        for count in 0..<9 {
            for ranks in 1..<5 {
                let shares = (0..<ranks).map {
                    Part(rank: $0, rankCount: ranks).share(of: count)
                }
                #expect(shares.flatMap { Array($0) } == Array(0..<count))
                let sizes = shares.map(\.count)
                #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
            }
        }
    }

    @Test func examplesAreNeverCutAndWholeBatchesStayWhole() {
        let pair = TrainingExample([
            LabelledSequence(ids: [1, 2], targets: .tokens([-100, 2])),
            LabelledSequence(ids: [1, 3], targets: .tokens([-100, 3])),
        ])
        let batch = [pair, pair, pair]
        let parts = LanguageModeling().microBatches(of: batch, size: 2)
        #expect(parts.map(\.count) == [2, 1])
        #expect(parts.flatMap { $0 } == batch)
        #expect(WholeBatchObjective().microBatches(of: batch, size: 1).map(\.count) == [3])
        #expect(LanguageModeling().microBatches(of: batch, size: nil).map(\.count) == [3])
    }
}

/// What came of a few steps.
private struct Trained: Sendable {
    let results: [TrainingStep.Result]
    let gradients: [[Float]]
    let parameters: [[Float]]
}

/// Collects both ranks' results, then continues.
private final class RankResults: @unchecked Sendable {
    typealias Value = Trained
    private let lock = NSLock()
    private var values: [Int: Value] = [:]
    private let continuation: CheckedContinuation<[Value], any Error>

    init(_ continuation: CheckedContinuation<[Value], any Error>) {
        self.continuation = continuation
    }

    func add(_ rank: Int, _ result: Result<Value, any Error>) {
        lock.lock()
        defer { lock.unlock() }
        switch result {
        case .failure(let error): continuation.resume(throwing: error)
        case .success(let value):
            values[rank] = value
            if values.count == 2 {
                continuation.resume(returning: [0, 1].compactMap { values[$0] })
            }
        }
    }
}
