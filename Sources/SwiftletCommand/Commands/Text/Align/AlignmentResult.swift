import SwiftletBytes
import SwiftletReports
import SwiftletText

/// The result of `align`: an object for programs, lines for people.
struct AlignmentResult {
    let report: AlignmentReport
    let pair: TokenizerPair

    /// The maximum number of worst texts that are listed.
    static let maximumListed = 10

    // MARK: Objects

    /// The totals and, if `same` is set, the first difference.
    func object(same: Bool) -> JSONObject {
        var object: JSONObject = [
            "texts": JSONValue(report.texts), "groups": JSONValue(report.groups),
            "one_to_one": JSONValue(report.oneToOne),
            "mean_group_tokens": number(report.meanGroupTokens),
            "mismatches": JSONValue(report.mismatches),
            "one_to_one_share": number(report.oneToOneShare), "bytes": JSONValue(report.bytes),
            "words": JSONValue(report.words), "identical": JSONValue(report.identical),
            "a": side(report.a), "b": side(report.b),
            "group_sizes": .array(
                report.groupSizes.map { entry in
                    .object([
                        "a": JSONValue(entry.size.a), "b": JSONValue(entry.size.b),
                        "groups": JSONValue(entry.count),
                    ])
                }),
            "worst": .array(report.worst.prefix(Self.maximumListed).map { .object(listed($0)) }),
        ]
        if same {
            object.append("same", .bool(report.firstDifference == nil))
            object.append("first_difference", report.firstDifference.map(difference) ?? .null)
        }
        return object
    }

    private func side(_ side: AlignmentReport.Side) -> JSONValue {
        .object([
            "tokens": JSONValue(side.tokens), "bytes_per_token": number(report.bytesPerToken(side)),
            "tokens_per_word": number(report.tokensPerWord(side)),
            "uncovered_bytes": JSONValue(side.uncoveredBytes),
            "round_trip_failures": JSONValue(side.roundTripFailures),
        ])
    }

    private func listed(_ text: ReportedText) -> JSONObject {
        var object: JSONObject = ["text": JSONValue(text.number)]
        if let name = text.name { object.append("name", .string(name)) }
        object.append("groups", JSONValue(text.groups))
        object.append("one_to_one", JSONValue(text.oneToOne))
        object.append("largest_group", JSONValue(text.largestGroup))
        object.append("whole", .bool(text.text.isWhole))
        return object
    }

    private func difference(_ item: ReportedText) -> JSONValue {
        let text = item.text
        guard let position = text.firstDifference else { return .null }
        let byte = text.byte(ofToken: position)
        let context = text.context(ofByte: byte)
        func token(_ ids: [Int32], _ tokenizer: TextTokenizer) -> JSONValue {
            guard ids.indices.contains(position) else { return .null }
            let id = ids[position]
            return .object([
                "id": JSONValue(Int(id)),
                "token": tokenizer.token(of: id).map { .string($0) } ?? .null,
            ])
        }
        var object: JSONObject = ["text": JSONValue(item.number)]
        if let name = item.name { object.append("name", .string(name)) }
        object.append("position", JSONValue(position))
        object.append("byte", JSONValue(byte))
        object.append("a", token(text.a.ids, pair.a))
        object.append("b", token(text.b.ids, pair.b))
        object.append("before", .string(context.before))
        object.append("after", .string(context.after))
        return .object(object)
    }

    private func number(_ value: Double?) -> JSONValue {
        value.map { JSONValue(finite: $0) } ?? .null
    }

    // MARK: Lines

    /// Whether all ids are identical; if not, the first difference.
    var verdict: [String] {
        guard let item = report.firstDifference, let position = item.text.firstDifference else {
            return ["same: \(report.texts) texts, \(report.a.tokens) tokens"]
        }
        let text = item.text
        let byte = text.byte(ofToken: position)
        let context = text.context(ofByte: byte)
        func token(_ encoding: Encoding, _ tokenizer: TextTokenizer) -> String {
            guard encoding.ids.indices.contains(position) else { return "no token" }
            let range = encoding.offsets[position]
            return Self.token(encoding.ids[position], tokenizer)
                + ", bytes \(range.lowerBound)..\(range.upperBound)"
        }
        let name = item.name.map { " (\($0.printable))" } ?? ""
        return [
            "\(report.texts - report.identical) of \(report.texts) texts differ, first text "
                + "\(item.number)\(name) at token \(position), byte \(byte):",
            "  \(context.before.printable)⟦here⟧\(context.after.printable)",
            "  A \(token(text.a, pair.a))",
            "  B \(token(text.b, pair.b))",
        ]
    }

    /// One line per group: its bytes, then the tokens of either side.
    func groups(of text: AlignedText) -> [String] {
        text.alignment.groups.map { group in
            func tokens(_ range: Range<Int>, _ encoding: Encoding, _ tokenizer: TextTokenizer)
                -> String
            {
                range.map { Self.token(encoding.ids[$0], tokenizer) }.joined(separator: " ")
            }
            return "\(group.bytes.lowerBound)..\(group.bytes.upperBound)\t"
                + "\(tokens(group.a, text.a, pair.a))\t\(tokens(group.b, text.b, pair.b))"
        }
    }

    /// The totals, one per line.
    var totals: [String] {
        func both(_ name: String, _ value: (AlignmentReport.Side) -> String) -> String {
            "\(name)\tA \(value(report.a))\tB \(value(report.b))"
        }
        let share = report.oneToOneShare.map { ", \(($0 * 100).text(decimals: 1)) %" } ?? ""
        return [
            "texts\t\(report.texts)\t\(report.bytes) bytes\t\(report.words) words",
            "groups\t\(report.groups)\t\(Self.text(report.meanGroupTokens)) tokens each",
            "one to one\t\(report.oneToOne)\(share)",
            both("tokens") { "\($0.tokens)" },
            both("bytes per token") { Self.text(report.bytesPerToken($0)) },
            both("tokens per word") { Self.text(report.tokensPerWord($0)) },
            both("bytes without a token") { "\($0.uncoveredBytes)" },
            both("round-trip failures") { "\($0.roundTripFailures)" },
            "mismatches\t\(report.mismatches)",
        ]
    }

    private static func token(_ id: Int32, _ tokenizer: TextTokenizer) -> String {
        "\(id) \((tokenizer.token(of: id) ?? "").printable)"
    }

    private static func text(_ value: Double?) -> String { value?.text(decimals: 2) ?? "–" }
}
