import SwiftletBytes
import SwiftletCompute

/// The search of one prompt, with the caches of its running sequences.
private struct BeamGroup {
    var search: BeamSearch
    /// One per running sequence; before the first step, one for the prompt that all share.
    private var caches: [CachedSequence]
    /// The number of extensions that the group adds to a step.
    private(set) var extensionCount = 0
    private var firstExtension = 0

    init(_ search: BeamSearch, _ cache: CachedSequence) {
        self.search = search
        caches = [cache]
    }

    /// Adds the extensions of the running sequences' next step.
    ///
    /// The caches move into them, so a block with no other owner is written in place.
    mutating func extend(_ extensions: inout [CachedDecoder.Extension], prompt: [Int32]) {
        (firstExtension, extensionCount) = (extensions.count, caches.count)
        for (cache, hypothesis) in zip(caches, search.running) {
            extensions.append(.init(cache: cache, ids: hypothesis.ids.last.map { [$0] } ?? prompt))
        }
        caches = []
    }

    /// The index of a running sequence's extension in the step.
    func row(_ beam: Int) -> Int { firstExtension + min(beam, extensionCount - 1) }

    /// Applies the step's result.
    mutating func advance(
        _ extensions: [CachedDecoder.Extension], _ topTokens: [TopTokens],
        isStopped: ([Int32]) throws(SwiftletError) -> Bool
    ) throws(SwiftletError) {
        var candidates: [BeamSearch.Candidate] = []
        for (beam, hypothesis) in search.running.enumerated() {
            let tokens = topTokens[row(beam)]
            for (id, logProbability) in zip(tokens.ids, tokens.logProbabilities) {
                candidates.append(
                    .init(beam: beam, id: id, sum: hypothesis.sum + logProbability))
            }
        }
        // Of equal sums the earlier beam's first, then the lower token's: their present order.
        let order = candidates.indices.sorted { a, b in
            candidates[a].sum != candidates[b].sum ? candidates[a].sum > candidates[b].sum : a < b
        }
        let best = order.prefix(search.candidateCount).map { candidates[$0] }
        let parents = try search.advance(best, isStopped: isStopped)
        caches = parents.map { extensions[row($0)].cache }
    }
}

extension GenerationSession {
    /// Searches for all prompts at once: a step computes one token of every running sequence of
    /// every prompt.
    ///
    /// Sequences share the cache blocks of their common beginnings.
    func search(_ prompts: [[Int32]], _ options: GenerationOptions, _ beams: BeamOptions)
        throws(SwiftletError) -> [[GeneratedSequence]]
    {
        let starts = prompts.map { prefix?.start(of: $0) ?? (cache: emptyCache, rest: $0) }
        var groups = zip(prompts, starts).map { prompt, start in
            BeamGroup(
                BeamSearch(
                    beams, stopTokens: stopTokens(options), maxNewTokens: limit(prompt, options)),
                start.cache)
        }
        let rules = rules(options)
        while groups.contains(where: { !$0.search.isOver }) {
            var extensions: [CachedDecoder.Extension] = []
            for index in groups.indices where !groups[index].search.isOver {
                groups[index].extend(&extensions, prompt: starts[index].rest)
            }
            let count = groups.map(\.search.candidateCount).max() ?? 0
            var topTokens: [TopTokens] = []
            try decoder.extend(&extensions) { logits, rows throws(SwiftletError) in
                var logSumExp = context.logSumExp(logits)
                guard logSumExp.allSatisfy(\.isFinite) else {
                    throw SwiftletError(.logitsNotFinite, "the model's logits are not finite")
                }
                if let rules {
                    for (index, group) in groups.enumerated() where !group.search.isOver {
                        apply(
                            rules, to: group, prompts[index], allowed(prompts[index], options),
                            logits, &logSumExp, rows)
                    }
                }
                topTokens += context.topK(logits, logSumExp: logSumExp, count: count)
            }
            for index in groups.indices where !groups[index].search.isOver {
                try groups[index].advance(extensions, topTokens) { ids throws(SwiftletError) in
                    if options.stop.isEmpty { return false }
                    return try TextAssembler.whole(ids, tokenizer, stop: options.stop).stopped
                }
            }
        }
        return try groups.map { group throws(SwiftletError) in
            try sequences(group.search, options, beams)
        }
    }

    /// Applies rules to the log-probabilities of a group's rows.
    ///
    /// As in the reference, they are not normalized again unless a rule says so.
    private func apply(
        _ rules: LogitsRules, to group: BeamGroup, _ prompt: [Int32], _ allowed: Int,
        _ logits: Matrix, _ logSumExp: inout [Double], _ rows: Range<Int>
    ) {
        for beam in 0..<group.extensionCount where rows.contains(group.row(beam)) {
            let index = group.row(beam) - rows.lowerBound
            let row = logits.rows(index..<index + 1)
            let shift = Float(logSumExp[index])
            for column in 0..<row.columns { row[0, column] -= shift }
            logSumExp[index] = 0
            rules.apply(
                to: row, prompt: prompt, new: group.search.running[beam].ids, limit: allowed)
        }
    }

    private func sequences(
        _ search: BeamSearch, _ options: GenerationOptions, _ beams: BeamOptions
    ) throws(SwiftletError) -> [GeneratedSequence] {
        let stopTokens = stopTokens(options)
        var sequences: [GeneratedSequence] = []
        for hypothesis in search.best {
            let ended = hypothesis.ids.last.map(stopTokens.contains) ?? false
            let (text, _) = try TextAssembler.whole(
                ended ? hypothesis.ids.dropLast() : hypothesis.ids, tokenizer, stop: options.stop)
            sequences.append(
                GeneratedSequence(
                    ids: hypothesis.ids, text: text, score: hypothesis.score,
                    finished: hypothesis.isEnded))
        }
        if sequences.isEmpty {
            // No new token was allowed.
            let none = GeneratedSequence(
                ids: [], text: tokenizer.map { _ in "" }, score: 0, finished: false)
            sequences = Array(repeating: none, count: beams.returnCount)
        }
        return sequences
    }
}
