import SwiftletBytes
import SwiftletCompute

/// Runs tokens that join cached sequences, many sequences at once.
///
/// Sequences are laid end to end whatever their lengths; none sees another. Long prompts are cut
/// into chunks, so that memory for intermediate results does not grow with them.
final class CachedDecoder {
    private let decoder: Decoder
    private let context: ComputeContext
    private let workspace = Workspace()
    /// Called when the logits of all joins of a call have been handed out: for measurements.
    var onJoin: (() -> Void)?

    /// Tokens that join a sequence.
    struct Join {
        /// The sequence before.
        var cache: CachedSequence
        /// At least one token.
        var ids: [Int32]
    }

    /// Tokens computed at once; more gain nothing.
    static let chunkTokens = 1024

    init(_ decoder: Decoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
    }

    /// The logits behind the last token of each join, whose tokens enter its cache.
    ///
    /// - Parameters:
    ///   - joins: what joins which sequence.
    ///   - body: gets the logits of some joins, a row each, in memory that is used again; called
    ///     with all joins in order.
    /// - Throws: bad data (65): a token outside the vocabulary, a sequence beyond the context;
    ///   whatever `body` throws.
    func join(
        _ joins: inout [Join],
        _ body: (_ logits: Matrix, _ joins: Range<Int>) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        workspace.reset()
        let hidden = workspace.matrix(
            rows: joins.count, columns: decoder.description.embeddingSize)
        var first = 0
        while first < joins.count {
            // As many joins as fill a chunk; one that is longer goes alone.
            var end = first + 1
            var tokens = joins[first].ids.count
            while end < joins.count, tokens + joins[end].ids.count <= Self.chunkTokens {
                tokens += joins[end].ids.count
                end += 1
            }
            try run(&joins, first..<end, into: hidden.rows(first..<end))
            first = end
        }
        var failure: SwiftletError?
        decoder.forEachLogits(of: hidden, context, workspace) { logits, rows in
            guard failure == nil else { return }
            do throws(SwiftletError) { try body(logits, rows) } catch { failure = error }
        }
        if let failure { throw failure }
        onJoin?()
    }

    /// Some joins: one chunk, or a long join's chunks.
    private func run(_ joins: inout [Join], _ range: Range<Int>, into hidden: Matrix)
        throws(SwiftletError)
    {
        let longest = range.map { joins[$0].cache.count + joins[$0].ids.count }.max() ?? 0
        let isCut =
            range.count == 1
            && decoder.description.rotary?.dependsOnLength(upTo: longest) != true
        let length = isCut ? Self.chunkTokens : Int.max
        var start = 0
        repeat {
            var batch = TokenBatch()
            var isLast = true
            for index in range {
                let ids = joins[index].ids
                let end = length < ids.count - start ? start + length : ids.count
                isLast = end == ids.count
                joins[index].cache.grow(by: end - start)
                joins[index].cache.append(ids[start..<end], to: &batch)
            }
            try batch.validate(for: decoder.description)
            let caches = joins[range].map(\.cache)
            let rows = isLast ? batch.sequences.map { $0.upperBound - 1 } : []
            let mark = workspace.mark
            let result = decoder.hiddenRows(
                batch, rows: rows, sequences: Self.source(batch, caches), context, workspace)
            if isLast {
                hidden.copy(from: result)
                workspace.release(to: mark)
                return
            }
            workspace.release(to: mark)
            start += length
        } while true
    }

    /// Keys and values from the caches, into which the batch's own are written first.
    private static func source(_ batch: TokenBatch, _ caches: [CachedSequence])
        -> Decoder.SequenceSource
    {
        { layer, keys, values in
            zip(batch.sequences, caches).map { rows, cache in
                cache.store(layer: layer, keys: keys.rows(rows), values: values.rows(rows))
                // A sequence's first tokens see themselves alone, and lie in one run already.
                return AttentionSequence(
                    queries: rows,
                    runs: cache.count == rows.count
                        ? [.init(keys: keys.rows(rows), values: values.rows(rows))]
                        : cache.runs(layer: layer))
            }
        }
    }
}
