import RealModule
import SwiftletLM
import SwiftletReports
import SwiftletText

extension RunReport {
    /// The number of prompts whose labels are drawn.
    private static let shownPrompts = 5

    /// Weak labels with the confidence of each token: the weak model's above the text, the strong
    /// model's below.
    var confidenceSection: Markup {
        guard let seed = folder.seeds.first, let plan else { return .joined([]) }
        let stages = plan.weak.compactMap { weak -> (name: String, path: String)? in
            folder.complete(seed, "labels-\(weak.name)")?.file("labels.jsonl")
                .map { (weak.name, $0) }
        }
        guard let first = stages.first, case .sequences? = try? LabelKind(ofFile: first.path),
            var files = try? LabelFiles<SequenceLabel>(stages.map(\.path))
        else { return .joined([]) }
        var examples: [Markup] = []
        while examples.count < Self.shownPrompts, let labels = try? files.next() {
            if let drawn = example(labels, stages.map(\.name)) { examples.append(drawn) }
        }
        return Self.section(
            "confidences", "Confidence of weak labels, token by token",
            "Bars above the text are the weak model's tokens, those below the strong model's. The "
                + "taller and redder a bar, the less sure of its token: the steps are 0.99, 0.9, "
                + "0.7 and 0.4. A word keeps its probability when it goes from above to below; "
                + (confidence == nil
                    ? "here its strong tokens share it evenly, in training by the strong model's "
                        + "own confidence. "
                    : "its strong tokens share it by the confidence that the strong model has "
                        + "before training. ") + "A dot at the end is EOS.",
            examples)
    }

    private func example(_ labels: [SequenceLabel], _ names: [String]) -> Markup? {
        let drawn = zip(labels, names).compactMap { label, name -> Markup? in
            guard let best = label.candidates.first,
                let text = ConfidenceText(
                    best, prompt: label.prompt, strong: strongTokenizer, confidence)
            else { return nil }
            return .tag(
                "div", ["class": "label"],
                [
                    .tag("h4", text: name),
                    .tag("div", ["class": "drawn conf", "dir": "auto"], [text.markup]),
                    text.table,
                ])
        }
        guard !drawn.isEmpty, let prompt = labels.first?.prompt else { return nil }
        return .tag(
            "article", ["class": "example"],
            [.tag("p", ["class": "input"], text: Self.tail(of: prompt))] + drawn)
    }

    /// The end of a prompt, where the example is.
    private static func tail(of prompt: String) -> String {
        prompt.count > 240 ? "…" + prompt.suffix(240) : prompt
    }
}

/// A response with the tokens of the weak model that gave it, and those of the strong model.
struct ConfidenceText {
    /// The drawing.
    let markup: Markup
    /// The numbers.
    let table: Markup

    /// Draws a response; nil if its tokens are not known.
    init?(
        _ candidate: Candidate, prompt: String, strong: TextTokenizer?,
        _ confidence: StrongConfidence?
    ) {
        guard let logs = candidate.logProbabilities, let lengths = candidate.byteLengths,
            !candidate.text.isEmpty, logs.count == lengths.count + (candidate.isFinished ? 1 : 0)
        else { return nil }
        let bytes = PromptEncoder.responseBytes(candidate.text)
        let end = bytes.count..<bytes.count
        let isClosed = logs.count > lengths.count
        let weakOffsets = Self.offsets(lengths) + (isClosed ? [end] : [])
        let weakScores = logs.map { Double.exp($0) }
        var (offsets, scores): ([Range<Int>], [Double]) = ([], [])
        if let strong, let (lengths, targets) = Self.strong(candidate, prompt, strong, confidence) {
            (offsets, scores) = (Self.offsets(lengths), targets)
            // EOS is a word of its own, on both sides.
            if isClosed, let last = weakScores.last {
                offsets.append(end)
                scores.append(last)
            }
        }
        func ids(_ count: Int) -> [Int32] { Array(repeating: 0, count: count) }
        let alignment = TokenAlignment(
            a: Encoding(ids: ids(weakOffsets.count), offsets: weakOffsets),
            b: Encoding(ids: ids(offsets.count), offsets: offsets), byteCount: bytes.count)
        func side(_ name: String, _ offsets: [Range<Int>], _ scores: [Double]) -> DrawnText.Side {
            DrawnText.Side(
                name: name, offsets: offsets, classes: { Self.step(scores[$0]) },
                label: { Self.label(bytes, offsets[$0]) + " " + NumberText.fixed(scores[$0], 3) })
        }
        let drawing = DrawnText(
            bytes, alignment, a: side("weak", weakOffsets, weakScores),
            b: side("strong", offsets, scores))
        markup = .raw(drawing.html)
        let rows =
            zip(weakOffsets, weakScores).map {
                ["weak", Self.label(bytes, $0), NumberText.fixed($1, 4)]
            }
            + zip(offsets, scores).map {
                ["strong", Self.label(bytes, $0), NumberText.fixed($1, 4)]
            }
        table = ChartTable(columns: ["", "token", "probability"], rows: rows)
            .folded("Numbers of this label")
    }

    private static func offsets(_ lengths: [Int]) -> [Range<Int>] {
        var start = 0
        return lengths.map { length in
            defer { start += length }
            return start..<start + length
        }
    }

    /// The lengths of the strong tokens, and their targets: the word's probability, shared evenly or
    /// by the strong model's confidence, so that its product over the word stays.
    private static func strong(
        _ candidate: Candidate, _ prompt: String, _ tokenizer: TextTokenizer,
        _ confidence: StrongConfidence?
    ) -> (lengths: [Int], targets: [Double])? {
        let encoder = PromptEncoder(tokenizer: tokenizer, stopTokens: [], vocabularySize: .max)
        guard let response = try? encoder.response(candidate.text, closes: false),
            let logs = candidate.logProbabilities, let lengths = candidate.byteLengths,
            let transfer = try? WordTransfer(
                PromptEncoder.responseBytes(candidate.text), weak: lengths,
                strong: response.byteLengths)
        else { return nil }
        var shares = [Double](repeating: 1, count: response.ids.count)
        if let confidence {
            guard let own = try? confidence(prompt, response.ids) else { return nil }
            shares = own
        }
        let words = transfer.wordLogProbabilities(Array(logs.prefix(lengths.count)))
        return (
            response.byteLengths,
            transfer.targetProbabilities(words, confidence: shares, .product)
        )
    }

    private static func label(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        range.isEmpty && range.lowerBound == bytes.count
            ? "EOS" : DrawnText.text(Array(bytes[range]))
    }

    /// The class of a bar.
    static func step(_ probability: Double) -> String {
        let steps = [0.99, 0.9, 0.7, 0.4].count { probability < $0 }
        return "p\(steps)"
    }
}
