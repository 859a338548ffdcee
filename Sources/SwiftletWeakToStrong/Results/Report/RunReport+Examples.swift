import SwiftletBytes
import SwiftletReports

extension RunReport {
    /// The number of examples that are shown.
    private static let shownExamples = 8
    /// The most characters of a text that are shown.
    private static let shownCharacters = 600

    /// The answers of all models of a seed, by model in order.
    func answers(_ seed: Int) -> [(model: ReportPlan.Model, file: PredictionFile)] {
        (plan?.models ?? []).compactMap { model in
            guard let path = folder.complete(seed, model.evaluation)?.file("predictions.jsonl"),
                let file = try? PredictionFile(path)
            else { return nil }
            return (model, file)
        }
    }

    /// Rows of the test data on which the models disagree most, with every model's answer.
    var exampleSection: Markup {
        guard let seed = folder.seeds.first else { return .joined([]) }
        let all = answers(seed)
        guard let first = all.first else { return .joined([]) }
        // Only rows that all models have answered, in the same order.
        let count = all.map(\.file.lines.count).min() ?? 0
        let rows = (0..<count).filter { row in
            all.allSatisfy { $0.file.lines[row].id == first.file.lines[row].id }
        }
        let ranked = rows.map { row in
            (row, Set(all.map { $0.file.lines[row].answer }).count)
        }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        let shown = ranked.prefix(Self.shownExamples).map(\.0)
        return Self.section(
            "examples", "Answers",
            "The test rows on which the answers differ most, seed \(seed). ✓ is right, ✗ wrong.",
            shown.map { row in
                example(all.map { ($0.model, $0.file.lines[row]) })
            })
    }

    private func example(_ answers: [(model: ReportPlan.Model, line: PredictionFile.Line)])
        -> Markup
    {
        guard let first = answers.first?.line else { return .joined([]) }
        // Models with the same answer share a row.
        var groups: [(answer: PredictionFile.Line, models: [String])] = []
        for (model, line) in answers {
            let name = ResultTables.title(of: model.row)
            if let place = groups.firstIndex(where: {
                $0.answer.answer == line.answer && $0.answer.isCorrect == line.isCorrect
            }) {
                groups[place].models.append(name)
            } else {
                groups.append((line, [name]))
            }
        }
        let rows = groups.map { group in
            let isRight = group.answer.isCorrect
            let sign = isRight.map { $0 ? "✓" : "✗" } ?? ""
            let word = isRight.map { $0 ? "right" : "wrong" } ?? "unknown"
            return Markup.tag(
                "tr", ["class": word],
                [
                    .tag("td", ["class": "sign", "title": word], text: sign),
                    .tag("td", ["class": "answer"], text: Self.shortened(group.answer.answer)),
                    .tag("td", ["class": "models"], text: group.models.joined(separator: " · ")),
                ])
        }
        return .tag(
            "article", ["class": "example"],
            [
                .tag("p", ["class": "input"], text: Self.shortened(first.input)),
                .tag(
                    "p", ["class": "gold"],
                    [.tag("b", text: "Right: "), .text(Self.shortened(first.gold))]),
                .tag("table", [:], [.tag("tbody", [:], rows)]),
            ])
    }

    static func shortened(_ text: String) -> String {
        text.count > shownCharacters ? text.prefix(shownCharacters) + "…" : text
    }
}
