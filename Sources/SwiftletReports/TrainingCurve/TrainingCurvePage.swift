import SwiftletBytes

/// An HTML page with the course of a training run, in one file that loads nothing.
///
/// It shows the losses, the learning rate, the norm of the gradients, the speed, and whatever else
/// the log has. The page also carries the numbers, so that a run that continues can complete it
/// (``history(in:)``).
///
/// ```swift
/// let page = TrainingCurvePage(try TrainingHistory(log: "log.jsonl"), name: "tuned")
/// try AtomicFile.write(Array(page.html().utf8), to: "curve.html")
/// ```
public struct TrainingCurvePage: Sendable {
    private let history: TrainingHistory
    private let name: String
    private let total: Int?

    /// Creates the page of a run.
    ///
    /// - Parameters:
    ///   - history: what was logged.
    ///   - name: what the page calls the run.
    ///   - total: the steps of the whole run; nil if that is not known.
    public init(_ history: TrainingHistory, name: String, total: Int? = nil) {
        (self.history, self.name, self.total) = (history, name, total)
    }

    /// Returns the page.
    public func html() -> String {
        let data = JSONValue.object(history.object).text()
        return HTMLPage(
            title: "\(name): training", style: ChartStyle.style,
            body: """
                \(header.text)
                \(TrainingCharts(history, prefix: "").markup().text)
                <script type="application/json" id="history">\(Self.harmless(data))</script>
                """, script: ChartStyle.script
        ).html()
    }

    // MARK: Head

    private var header: Markup {
        var facts: [(value: String, label: String)] = []
        let done = history.lastStep ?? 0
        if let total, total != done {
            facts.append(
                ("\(NumberText.count(done)) of \(NumberText.count(total))", "steps so far"))
        } else {
            facts.append((NumberText.count(done), done == 1 ? "step" : "steps"))
        }
        if let last = history.points("loss").last {
            facts.append((NumberText.short(last.y), "loss of the last batch"))
        }
        let evaluations = history.points("eval_loss")
        if let best = evaluations.filter({ $0.y?.isFinite == true })
            .min(by: { ($0.y ?? 0) < ($1.y ?? 0) })
        {
            facts.append(
                (
                    NumberText.short(best.y),
                    "lowest evaluation loss, after step \(NumberText.plain(best.x))"
                ))
        }
        let speeds = history.values("tokens_per_second").sorted()
        if !speeds.isEmpty {
            facts.append((NumberText.short(speeds[speeds.count / 2]), "tokens per second, median"))
        }
        return .tag(
            "header", [:],
            [
                .tag("h1", text: name),
                .tag("p", ["class": "lead"], text: lead),
                HTMLPage.facts(facts),
            ])
    }

    private var lead: String {
        let points = history.points("loss")
        guard let first = points.first else { return "No step is recorded." }
        var parts = ["The course of a training run, from its log."]
        if first.x > 1 {
            parts.append("Steps before \(NumberText.plain(first.x)) are not recorded.")
        }
        let empty = points.count { $0.y == nil }
        if empty > 0 {
            parts.append(
                empty == 1
                    ? "1 batch has no loss." : "\(NumberText.count(empty)) batches have no loss.")
        }
        return parts.joined(separator: " ")
    }

    // MARK: The numbers in the page

    private static let opening = "<script type=\"application/json\" id=\"history\">"

    /// The history that a page carries.
    ///
    /// - Parameter page: the bytes of a file.
    /// - Returns: nil if it is not a page of this kind.
    public static func history(in page: ByteView) -> TrainingHistory? {
        // A large file of another kind is not read.
        let text = Array(HTMLPage.opening.utf8)
        guard page.count > text.count, page[0..<text.count].copy() == text else { return nil }
        return history(in: page.copy())
    }

    private static func history(in text: [UInt8]) -> TrainingHistory? {
        guard let start = text.firstRange(of: opening.utf8)?.upperBound,
            let end = text[start...].firstRange(of: "</script>".utf8)?.lowerBound,
            let value = try? JSONValue.parse(ByteView(Array(text[start..<end]))),
            let object = value.object
        else { return nil }
        return TrainingHistory(object)
    }

    /// JSON that neither ends a script nor looks like markup.
    private static func harmless(_ json: String) -> String {
        var out = ""
        for scalar in json.unicodeScalars {
            switch scalar {
            case "<": out += "\\u003c"
            case ">": out += "\\u003e"
            case "&": out += "\\u0026"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
