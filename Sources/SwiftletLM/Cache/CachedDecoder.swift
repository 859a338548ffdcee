import SwiftletBytes
import SwiftletCompute

/// Extends cached sequences by further tokens, many sequences at once.
///
/// Sequences of any lengths are laid end to end; none sees another. Long prompts are cut into chunks,
/// so that memory for intermediate results does not grow with them.
final class CachedDecoder {
    private let decoder: TransformerDecoder
    private let context: ComputeContext
    private let workspace = Workspace()
    /// Called when the logits of all extensions of a call have been delivered, for measurements.
    var onExtension: (() -> Void)?

    /// Tokens that extend a sequence.
    struct Extension {
        /// The sequence so far.
        var cache: CachedSequence
        /// At least one token.
        var ids: [Int32]
        /// Number of trailing tokens whose logits are needed.
        var wanted = 1
    }

    /// The tokens computed at once; more gain nothing.
    static let chunkTokens = 1024

    init(_ decoder: TransformerDecoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
    }

    /// Appends each extension's tokens to its cache and computes the logits of its last tokens.
    ///
    /// - Parameters:
    ///   - extensions: sequences and the tokens that extend them.
    ///   - body: receives the logits of some of the wanted tokens, one row per token, in memory that
    ///     is reused; called with all of them in order, counted over all extensions.
    /// - Throws: bad data (65) for a token outside the vocabulary or a sequence that exceeds the
    ///   context; unsupported (69) for a model without language-model head;
    ///   ``/SwiftletBytes/SwiftletError/Code/cancelled``; what `body` throws.
    func extend(
        _ extensions: inout [Extension],
        _ body: (_ logits: Matrix, _ tokens: Range<Int>) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        let head = try decoder.languageHead()
        workspace.reset()
        let hidden = workspace.matrix(
            rows: extensions.reduce(0) { $0 + $1.wanted },
            columns: decoder.description.embeddingSize)
        var done = 0
        let chunks = TokenPacking.ranges(
            extensions.lazy.map(\.ids.count), limit: Self.chunkTokens)
        for chunk in chunks { done = try run(&extensions, chunk, into: hidden, from: done) }
        var failure: SwiftletError?
        decoder.forEachLogits(of: hidden, by: head, context, workspace) { logits, rows in
            guard failure == nil else { return }
            do throws(SwiftletError) { try body(logits, rows) } catch { failure = error }
        }
        if let failure { throw failure }
        onExtension?()
    }

    /// Computes some extensions together, or one long extension in chunks.
    ///
    /// - Returns: the row of `hidden` after those written, which begin at `done`.
    private func run(
        _ extensions: inout [Extension], _ range: Range<Int>, into hidden: Matrix, from done: Int
    ) throws(SwiftletError) -> Int {
        let longest = range.map { extensions[$0].cache.count + extensions[$0].ids.count }.max() ?? 0
        let isCut =
            range.count == 1
            && decoder.description.rotary?.dependsOnLength(upTo: longest) != true
        let length = isCut ? Self.chunkTokens : Int.max
        let count = range.map { extensions[$0].ids.count }.max() ?? 0
        var done = done
        var start = 0
        while start < count {
            var batch = TokenBatch()
            var rows: [Int] = []
            for index in range {
                let (ids, wanted) = (extensions[index].ids, extensions[index].wanted)
                let end = length < ids.count - start ? start + length : ids.count
                extensions[index].cache.grow(by: end - start)
                extensions[index].cache.append(ids[start..<end], to: &batch)
                let firstRow = batch.count - (end - start)
                rows += (max(start, ids.count - wanted)..<max(end, ids.count - wanted))
                    .map { firstRow + $0 - start }
            }
            try batch.validate(for: decoder.description)
            let mark = workspace.mark
            let result = try decoder.hiddenStates(
                batch, rows: rows, sequences: Self.source(batch, extensions[range].map(\.cache)),
                context, workspace)
            hidden.rows(done..<done + rows.count).copy(from: result)
            workspace.release(to: mark)
            done += rows.count
            start = length == .max ? count : start + length
        }
        return done
    }

    /// Keys and values from the caches, after the batch's own have been stored there.
    private static func source(_ batch: TokenBatch, _ caches: [CachedSequence])
        -> TransformerDecoder.SequenceSource
    {
        { layer, keys, values in
            zip(batch.sequences, caches).map { rows, cache in
                cache.store(layer: layer, keys: keys.rows(rows), values: values.rows(rows))
                // A sequence's first tokens see only themselves and are already contiguous.
                return AttentionSequence(
                    queries: rows,
                    runs: cache.count == rows.count
                        ? [.init(keys: keys.rows(rows), values: values.rows(rows))]
                        : cache.runs(layer: layer))
            }
        }
    }
}
