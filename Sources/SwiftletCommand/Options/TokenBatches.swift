import ArgumentParser
import SwiftletBytes
import SwiftletLM

/// `--batch-tokens`.
struct BatchTokensOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "With --jsonl: gather lines up to so many tokens before answering; 0 answers each line "
                + "at once, which a program that waits for its answer needs.", valueName: "n"))
    var batchTokens = Scorer.batchTokens

    func validate() throws {
        if batchTokens < 0 { throw ValidationError("--batch-tokens must not be negative") }
    }
}

extension LineInput {
    /// Answers lines in batches of so many tokens.
    ///
    /// Which lines share a batch is a matter of the lines alone, never of how a pipe delivers them:
    /// the last bits of a result depend on it. The lines before a bad one are answered first.
    ///
    /// - Parameters:
    ///   - limit: the tokens of a batch; a line with more is a batch of its own.
    ///   - read: what a line asks for, and how many tokens that takes.
    ///   - compute: an answer to each request of a batch.
    func answer<Request>(
        inBatchesOf limit: Int,
        read: (LineObject) throws(SwiftletError) -> (request: Request, tokens: Int),
        compute: ([Request]) throws(SwiftletError) -> [JSONObject]
    ) throws(SwiftletError) {
        var batch: [(line: LineObject, request: Request)] = []
        var tokens = 0
        func answer() throws(SwiftletError) {
            guard !batch.isEmpty else { return }
            // What cannot be computed is not tried again.
            let items = batch
            (batch, tokens) = ([], 0)
            for (item, object) in zip(items, try compute(items.map(\.request))) {
                StandardOutput.shared.line(item.line.answer(object))
            }
            try StandardOutput.shared.flush()
        }
        do throws(SwiftletError) {
            try forEachObject { line throws(SwiftletError) in
                let (request, count) = try read(line)
                if tokens + count > limit { try answer() }
                batch.append((line, request))
                tokens += count
                if tokens >= limit { try answer() }
            }
        } catch {
            try answer()
            throw error
        }
        try answer()
    }
}
