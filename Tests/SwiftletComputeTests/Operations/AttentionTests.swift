import Testing

@testable import SwiftletCompute

@Suite struct AttentionTests {
    /// Lengths around the blocks of 64 queries and 128 keys, and single tokens.
    static let lengths = [1, 63, 64, 65, 130, 3, 200]

    private static func sequences(_ lengths: [Int]) -> [Range<Int>] {
        var start = 0
        return lengths.map { length in
            defer { start += length }
            return start..<start + length
        }
    }

    @Test(arguments: [(4, 4), (4, 2), (6, 1)])
    func packedForwardMatchesReference(_ heads: (Int, Int)) {
        let shape = AttentionShape(
            headCount: heads.0, keyValueHeadCount: heads.1, headSize: 16, scale: 0.25)
        var samples = Samples(10)
        let rows = Self.lengths.reduce(0, +)
        let q = samples.matrix(rows, heads.0 * 16)
        let (k, v) = (samples.matrix(rows, heads.1 * 16), samples.matrix(rows, heads.1 * 16))
        // Large scores, so that the running maximum matters.
        for row in 0..<rows where row % 7 == 0 {
            for column in 0..<k.columns { k[row, column] *= 40 }
        }
        let ranges = Self.sequences(Self.lengths)
        let parts = ranges.map {
            AttentionSequence(queries: $0, runs: [.init(keys: k.rows($0), values: v.rows($0))])
        }
        var seen: [[Float]] = []
        for context in contexts {
            let y = Matrix(rows: rows, columns: q.columns)
            let logSums = Matrix(rows: heads.0, columns: rows)
            context.attention(shape, queries: q, sequences: parts, into: y, logSums: logSums)
            seen.append(y.values + logSums.values)
            guard seen.count == 1 else { continue }
            for (range, head) in ranges.flatMap({ range in (0..<heads.0).map { (range, $0) } }) {
                let own = shape.queryColumns(head)
                let shared = shape.keyColumns(forQueryHead: head)
                let expected = Reference.attention(
                    Reference.Table(q.rows(range).columns(own)),
                    Reference.Table(k.rows(range).columns(shared)),
                    Reference.Table(v.rows(range).columns(shared)), scale: 0.25)
                #expect(y.rows(range).columns(own).distance(from: expected) < 1e-5)
            }
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    /// Keys in several runs, queries at the end only: what a cache gives.
    @Test(arguments: [(1, 1), (1, 64), (5, 150), (70, 200), (1, 129)])
    func cachedForwardMatchesReference(_ sizes: (Int, Int)) {
        let (queries, keys) = sizes
        let shape = AttentionShape(
            headCount: 2, keyValueHeadCount: 2, headSize: 24, scale: 0.2)
        var samples = Samples(11)
        let q = samples.matrix(queries, 48)
        let (k, v) = (samples.matrix(keys, 48), samples.matrix(keys, 48))
        let runs = stride(from: 0, to: keys, by: 64).map { start in
            let rows = start..<min(start + 64, keys)
            return AttentionSequence.Run(keys: k.rows(rows), values: v.rows(rows))
        }
        let y = Matrix(rows: queries, columns: 48)
        contexts[1].attention(
            shape, queries: q, sequences: [.init(queries: 0..<queries, runs: runs)], into: y,
            logSums: nil)
        for head in 0..<2 {
            let own = shape.queryColumns(head)
            let expected = Reference.attention(
                Reference.Table(q.columns(own)), Reference.Table(k.columns(own)),
                Reference.Table(v.columns(own)), scale: 0.2)
            #expect(y.columns(own).distance(from: expected) < 1e-5)
        }
    }

    @Test func matchesPyTorch() throws {
        let vectors = try Vectors("attention")
        let qkv = try vectors.matrix("qkv")
        let starts = try vectors.integers("starts")
        let shape = AttentionShape(headCount: 3, keyValueHeadCount: 3, headSize: 16, scale: 0.25)
        let ranges = zip(starts, starts.dropFirst()).map { $0..<$1 }
        let (q, k, v) = (qkv.columns(0..<48), qkv.columns(48..<96), qkv.columns(96..<144))
        let y = Matrix(rows: qkv.rows, columns: 48)
        let logSums = Matrix(rows: 3, columns: qkv.rows)
        contexts[1].attention(
            shape, queries: q,
            sequences: ranges.map {
                .init(queries: $0, runs: [.init(keys: k.rows($0), values: v.rows($0))])
            }, into: y, logSums: logSums)
        #expect(y.distance(from: try vectors.matrix("output")) < 1e-5)
        let gradient = Matrix(rows: qkv.rows, columns: 144)
        contexts[1].attentionBackward(
            shape, dy: try vectors.matrix("grad_output"), y: y, logSums: logSums, queries: q,
            keys: k, values: v, sequences: ranges, queryGradient: gradient.columns(0..<48),
            keyGradient: gradient.columns(48..<96), valueGradient: gradient.columns(96..<144))
        #expect(gradient.distance(from: try vectors.matrix("grad_qkv")) < 1e-5)
    }

    /// The backward pass against central differences of the Double reference, with shared heads.
    @Test func backwardMatchesCentralDifferences() {
        let shape = AttentionShape(headCount: 4, keyValueHeadCount: 2, headSize: 4, scale: 0.5)
        var samples = Samples(12)
        let ranges = Self.sequences([1, 9, 4])
        let rows = 14
        let q = samples.matrix(rows, 16)
        let (k, v) = (samples.matrix(rows, 8), samples.matrix(rows, 8))
        let dy = samples.matrix(rows, 16)

        func loss(_ q: Matrix, _ k: Matrix, _ v: Matrix) -> Double {
            var sum = 0.0
            for range in ranges {
                for head in 0..<4 {
                    let own = shape.queryColumns(head)
                    let shared = shape.keyColumns(forQueryHead: head)
                    let y = Reference.attention(
                        Reference.Table(q.rows(range).columns(own)),
                        Reference.Table(k.rows(range).columns(shared)),
                        Reference.Table(v.rows(range).columns(shared)), scale: 0.5)
                    let weights = Reference.Table(dy.rows(range).columns(own))
                    sum += zip(y.values, weights.values).reduce(0) { $0 + $1.0 * $1.1 }
                }
            }
            return sum
        }

        let y = Matrix(rows: rows, columns: 16)
        let logSums = Matrix(rows: 4, columns: rows)
        contexts[1].attention(
            shape, queries: q,
            sequences: ranges.map {
                .init(queries: $0, runs: [.init(keys: k.rows($0), values: v.rows($0))])
            }, into: y, logSums: logSums)
        let gradients = [q, k, v].map { Matrix(rows: $0.rows, columns: $0.columns) }
        contexts[1].attentionBackward(
            shape, dy: dy, y: y, logSums: logSums, queries: q, keys: k, values: v,
            sequences: ranges, queryGradient: gradients[0], keyGradient: gradients[1],
            valueGradient: gradients[2])
        for (input, gradient) in zip([q, k, v], gradients) {
            for row in stride(from: 0, to: rows, by: 3) {
                for column in 0..<input.columns {
                    let value = input[row, column]
                    let step: Float = 1.0 / 512
                    input[row, column] = value + step
                    let up = loss(q, k, v)
                    input[row, column] = value - step
                    let down = loss(q, k, v)
                    input[row, column] = value
                    let slope = (up - down) / Double(2 * step)
                    #expect(abs(slope - Double(gradient[row, column])) < 2e-4)
                }
            }
        }
    }
}
