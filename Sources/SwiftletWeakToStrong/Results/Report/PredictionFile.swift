import SwiftletBytes
import SwiftletTasks

/// The answers of a model to the test rows: `predictions.jsonl`.
struct PredictionFile {
    /// One answer.
    struct Line {
        /// Names the row.
        let id: String
        /// The row as text; empty if it is not known.
        let input: String
        /// What is right.
        let gold: String
        /// The answer.
        let answer: String
        /// Whether the answer is right; nil if that is not known.
        let isCorrect: Bool?
        /// The probabilities of classes.
        let probabilities: [Double]?
        /// The evidential uncertainty; nil if it is not known.
        let uncertainty: Double?
        /// The log-probability of a generated answer; nil if it is not known.
        let score: Double?
        /// The slots that are right and those of the answer; nil for tasks without slots.
        let slots: (gold: [SlotEntity], predicted: [SlotEntity])?
    }

    /// The answers in the order of the file.
    let lines: [Line]

    /// Reads a file.
    ///
    /// - Throws: bad data (65) naming the line; I/O (74).
    init(_ path: String) throws(SwiftletError) {
        var lines: [Line] = []
        for line in JSONLines(try MappedFile(path: path).bytes) {
            do throws(SwiftletError) {
                lines.append(Line(try JSONValue.parse(line.text), number: line.number))
            } catch {
                throw error.inFile(path).at("line \(line.number)")
            }
        }
        self.lines = lines
    }
}

extension PredictionFile.Line {
    fileprivate init(_ value: JSONValue, number: Int) {
        id = Self.text(value["id"]) ?? Self.text(value["slurp_id"]) ?? "\(number)"
        input = Self.text(value["input"]) ?? ""
        gold = Self.text(value["gold"]) ?? Self.entities(value["gold_entities"]) ?? ""
        answer =
            Self.text(value["prediction"]) ?? Self.entities(value["entities"])
            ?? Self.text(value["label"]) ?? ""
        isCorrect =
            value["correct"]?.bool
            ?? value["entities"].flatMap { mine in value["gold_entities"].map { $0 == mine } }
        probabilities = value["probabilities"]?.array?.compactMap(\.double)
        uncertainty = value["uncertainty"]?.double
        score = value["score"]?.double
        if let gold = Self.slots(value["gold_entities"]),
            let predicted = Self.slots(value["entities"])
        {
            slots = (gold, predicted)
        } else {
            slots = nil
        }
    }

    private static func slots(_ value: JSONValue?) -> [SlotEntity]? {
        value?.array?.compactMap { item in
            guard let type = item["type"]?.string, let filler = item["filler"]?.string else {
                return nil
            }
            return SlotEntity(type: type, filler: filler)
        }
    }

    /// A string, or a number as it is written.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        default: nil
        }
    }

    private static func entities(_ value: JSONValue?) -> String? {
        value?.array.map { list in
            list.map { "\($0["type"]?.string ?? "?"): \($0["filler"]?.string ?? "?")" }
                .joined(separator: "; ")
        }
    }
}
