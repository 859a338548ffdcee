import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

extension AttentionShape {
    func queryColumns(_ head: Int) -> Range<Int> { head * headSize..<(head + 1) * headSize }

    func keyColumns(forQueryHead head: Int) -> Range<Int> { queryColumns(head / groupSize) }
}

extension QueryKeyValue {
    /// Creates a view of heads in three matrices; `q` may be empty if only the others are used.
    fileprivate init(_ shape: AttentionShape, q: Matrix, _ k: Matrix, _ v: Matrix) {
        let keys = Heads(k, count: shape.keyValueHeadCount, size: shape.headSize)
        self.init(
            queries: q.columns == 0
                ? keys : Heads(q, count: shape.headCount, size: shape.headSize),
            keys: keys, values: Heads(v, count: shape.keyValueHeadCount, size: shape.headSize))
    }
}

@Suite struct AttentionTests {
    /// Single tokens, and lengths around the blocks of 64 queries and 128 keys.
    static let lengths = [1, 63, 64, 65, 130, 3, 200]

    private static func runs(
        _ shape: AttentionShape, _ k: Matrix, _ v: Matrix, _ rows: Range<Int>
    ) -> [AttentionSequence.Run] {
        let heads = QueryKeyValue(shape, q: Matrix(rows: 0, columns: 0), k, v)
        return [.init(keys: heads.keys.rows(rows), values: heads.values.rows(rows))]
    }

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
        // Some scores are large, so that the running maximum matters.
        for row in 0..<rows where row % 7 == 0 {
            for column in 0..<k.columns { k[row, column] *= 40 }
        }
        let ranges = Self.sequences(Self.lengths)
        let parts = ranges.map {
            AttentionSequence(queries: $0, runs: Self.runs(shape, k, v, $0))
        }
        var seen: [[Float]] = []
        for context in contexts {
            let y = Matrix(rows: rows, columns: q.columns)
            let logSumExp = Matrix(rows: heads.0, columns: rows)
            context.attention(
                shape, queries: Heads(q, count: shape.headCount, size: shape.headSize),
                sequences: parts, into: y, logSumExp: logSumExp)
            seen.append(y.values + logSumExp.values)
            guard seen.count == 1 else { continue }
            for (range, head) in ranges.flatMap({ range in (0..<heads.0).map { (range, $0) } }) {
                let own = shape.queryColumns(head)
                let shared = shape.keyColumns(forQueryHead: head)
                let expected = Reference.attention(
                    Reference.Table(q.rows(range).columns(own)),
                    Reference.Table(k.rows(range).columns(shared)),
                    Reference.Table(v.rows(range).columns(shared)), scale: 0.25)
                expectClose(y.rows(range).columns(own), expected, within: 1e-5)
            }
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    /// Keys in several runs and queries only at the end, as with a cache.
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
            return Self.runs(shape, k, v, rows)[0]
        }
        let y = Matrix(rows: queries, columns: 48)
        contexts[1].attention(
            shape, queries: Heads(q, count: shape.headCount, size: shape.headSize),
            sequences: [.init(queries: 0..<queries, runs: runs)], into: y,
            logSumExp: nil)
        for head in 0..<2 {
            let own = shape.queryColumns(head)
            let expected = Reference.attention(
                Reference.Table(q.columns(own)), Reference.Table(k.columns(own)),
                Reference.Table(v.columns(own)), scale: 0.2)
            expectClose(y.columns(own), expected, within: 1e-5)
        }
    }

    /// Keys and values in bf16 give the same results as their rounded values in f32.
    @Test(arguments: [(1, 150), (70, 200)])
    func bf16KeysEqualTheirRoundedValues(_ sizes: (Int, Int)) {
        let (queries, keys) = sizes
        let shape = AttentionShape(headCount: 4, keyValueHeadCount: 2, headSize: 24, scale: 0.2)
        var samples = Samples(14)
        let q = samples.matrix(queries, 96)
        let (k, v) = (samples.matrix(keys, 48), samples.matrix(keys, 48))
        let results = [CachedHeads.Storage.bf16, .f32].map { storage in
            let runs = stride(from: 0, to: keys, by: 64).map { start in
                let rows = start..<min(start + 64, keys)
                let parts = [k, v].map { source in
                    let heads = Heads(source.rows(rows), count: 2, size: 24)
                    let half = CachedHeads(
                        FloatBuffer(count: rows.count * 24), .bf16, offset: 0, rows: rows.count,
                        count: 2, size: 24)
                    half.store(heads)
                    if storage == .bf16 { return half }
                    let wide = Matrix(
                        rows: rows.count, columns: 48, (0..<rows.count).flatMap(half.values(row:)))
                    return CachedHeads(Heads(wide, count: 2, size: 24))
                }
                return AttentionSequence.Run(keys: parts[0], values: parts[1])
            }
            let y = Matrix(rows: queries, columns: 96)
            contexts[1].attention(
                shape, queries: Heads(q, count: 4, size: 24),
                sequences: [.init(queries: 0..<queries, runs: runs)], into: y, logSumExp: nil)
            return y.values
        }
        #expect(results[0] == results[1])
    }

    /// Results for interleaved queries, keys and values, as in GPT-NeoX, are bit-identical to those for
    /// contiguous ones.
    @Test func interleavedHeadsAreBitIdenticalToContiguousOnes() {
        let shape = AttentionShape(headCount: 3, keyValueHeadCount: 3, headSize: 8, scale: 0.3)
        var samples = Samples(13)
        let rows = 90
        let apart = samples.matrix(rows, 72)
        let together = Matrix(rows: rows, columns: 72)
        let layouts: [QueryKeyValue.Layout] = [.contiguous, .interleaved]
        let heads = zip([apart, together], layouts).map { QueryKeyValue($0, shape, $1) }
        heads[1].queries.copy(from: heads[0].queries)
        heads[1].keys.copy(from: heads[0].keys)
        heads[1].values.copy(from: heads[0].values)
        let dy = samples.matrix(rows, 24)
        let results = zip(heads, layouts).map { inputs, layout in
            let y = Matrix(rows: rows, columns: 24)
            let logSumExp = Matrix(rows: 3, columns: rows)
            contexts[1].attention(
                shape, queries: inputs.queries,
                sequences: [
                    .init(
                        queries: 0..<rows, runs: [.init(keys: inputs.keys, values: inputs.values)])
                ], into: y, logSumExp: logSumExp)
            let changes = QueryKeyValue(Matrix(rows: rows, columns: 72), shape, layout)
            contexts[1].attentionBackward(
                shape, dy: dy, y: y, logSumExp: logSumExp, inputs: inputs, sequences: [0..<rows],
                gradients: changes)
            let parts = [changes.queries, changes.keys, changes.values]
            return y.values + parts.flatMap { part in (0..<3).flatMap { part.head($0).values } }
        }
        #expect(results[0] == results[1])
        #expect(together.values != apart.values)
    }

    @Test func matchesPyTorch() throws {
        let vectors = try Vectors("attention")
        let qkv = try vectors.matrix("qkv")
        let starts = try vectors.integers("starts")
        let shape = AttentionShape(headCount: 3, keyValueHeadCount: 3, headSize: 16, scale: 0.25)
        let ranges = zip(starts, starts.dropFirst()).map { $0..<$1 }
        let (q, k, v) = (qkv.columns(0..<48), qkv.columns(48..<96), qkv.columns(96..<144))
        let y = Matrix(rows: qkv.rows, columns: 48)
        let logSumExp = Matrix(rows: 3, columns: qkv.rows)
        contexts[1].attention(
            shape, queries: Heads(q, count: shape.headCount, size: shape.headSize),
            sequences: ranges.map {
                .init(queries: $0, runs: Self.runs(shape, k, v, $0))
            }, into: y, logSumExp: logSumExp)
        expectClose(y, try vectors.matrix("output"), within: 1e-5)
        let gradient = Matrix(rows: qkv.rows, columns: 144)
        contexts[1].attentionBackward(
            shape, dy: try vectors.matrix("grad_output"), y: y, logSumExp: logSumExp,
            inputs: QueryKeyValue(qkv, shape, .contiguous), sequences: ranges,
            gradients: QueryKeyValue(gradient, shape, .contiguous))
        expectClose(gradient, try vectors.matrix("grad_qkv"), within: 1e-5)
    }

    /// Compares the backward pass with central differences of the reference, with shared key heads.
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
        let logSumExp = Matrix(rows: 4, columns: rows)
        contexts[1].attention(
            shape, queries: Heads(q, count: shape.headCount, size: shape.headSize),
            sequences: ranges.map {
                .init(queries: $0, runs: Self.runs(shape, k, v, $0))
            }, into: y, logSumExp: logSumExp)
        let gradients = [q, k, v].map { Matrix(rows: $0.rows, columns: $0.columns) }
        contexts[1].attentionBackward(
            shape, dy: dy, y: y, logSumExp: logSumExp,
            inputs: QueryKeyValue(shape, q: q, k, v), sequences: ranges,
            gradients: QueryKeyValue(shape, q: gradients[0], gradients[1], gradients[2]))
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
