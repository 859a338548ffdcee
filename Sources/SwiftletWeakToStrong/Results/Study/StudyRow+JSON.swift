import RealModule
import SwiftletBytes
import SwiftletTasks

extension StudyRow {
    private static let version = 1

    // MARK: Writing

    /// The text of the file: a key per line, and of the examples a column per line.
    var text: String {
        var columns: [(String, JSONValue)] = [
            ("id", JSONValue(examples.map(\.id))),
            ("correct", JSONValue(examples.map { $0.isCorrect ? 1 : 0 })),
        ]
        func add(_ name: String, _ value: (Example) -> JSONValue?) {
            let values = examples.map { value($0) ?? .null }
            if values.contains(where: { $0 != .null }) { columns.append((name, .array(values))) }
        }
        add("gold") { $0.gold.map { .string($0) } }
        add("probabilities") {
            $0.probabilities.isEmpty
                ? nil : .array($0.probabilities.map { Self.number($0, decimals: 6) })
        }
        for (name, path) in Self.counts {
            add(name) { $0.slots.map { Self.array($0[keyPath: path]) } }
        }
        add("uncertainty") { $0.uncertainty.map { Self.number($0, digits: 6) } }
        add("score") { $0.score.map { Self.number($0, digits: 6) } }
        add("answer") { $0.answer.map { .string($0) } }
        let head: [(String, JSONValue)] = [
            ("version", JSONValue(Self.version)), ("experiment", .string(place.experiment)),
            ("seed", JSONValue(place.seed)), ("part", place.part.map { JSONValue($0) } ?? .null),
            ("task", .string(task)), ("method", .string(model.method)),
            ("aux", model.aux.map { .bool($0) } ?? .null),
            ("confidence", model.confidence.map { .string($0) } ?? .null),
            ("key", .string(key)), ("evidence", evidence.map { .string($0) } ?? .null),
            ("metrics", .object(metricsObject)),
        ]
        func lines(_ pairs: [(String, JSONValue)]) -> String {
            pairs.map { "\(JSONValue.string($0.0).text()): \($0.1.text())" }
                .joined(separator: ",\n")
        }
        return "{\n\(lines(head)),\n\"examples\": {\n\(lines(columns))\n}\n}\n"
    }

    private var metricsObject: JSONObject {
        var object = JSONObject()
        for metric in metrics { object.append(metric.name, JSONValue(finite: metric.value)) }
        return object
    }

    private static var counts: [(String, KeyPath<SlotMetrics.UtteranceCounts, SlotCounts>)] {
        [("word", \.word), ("char", \.character), ("entity", \.entity)]
    }

    private static func array(_ counts: SlotCounts) -> JSONValue {
        .array(
            [counts.truePositives, counts.falsePositives, counts.falseNegatives].map {
                number($0, decimals: 6)
            })
    }

    /// A number rounded to `decimals` digits after the point, without trailing zeros.
    private static func number(_ value: Double, decimals: Int) -> JSONValue {
        let power = Double.pow(10, Double(decimals))
        let rounded = (value * power).rounded() / power
        guard rounded.isFinite else { return JSONValue(finite: value) }
        return .number(
            rounded == rounded.rounded() && rounded.magnitude < 0x1p53
                ? JSONNumber(Int(rounded)) : JSONNumber(rounded))
    }

    /// A number rounded to `digits` significant digits.
    private static func number(_ value: Double, digits: Int) -> JSONValue {
        guard value.isFinite, value != 0 else { return JSONValue(finite: value) }
        let exponent = Double.log10(value.magnitude).rounded(.down)
        // Below the normal numbers the power would not be finite.
        guard exponent > -290 else { return JSONValue(finite: value) }
        let power = Double.pow(10, Double(digits) - 1 - exponent)
        return JSONValue(finite: (value * power).rounded() / power)
    }

    // MARK: Reading

    /// Reads a file.
    ///
    /// - Throws: I/O (74); ``SwiftletBytes/SwiftletError/Code/studyRow`` and the errors of JSON (65),
    ///   naming file and key.
    init(path: String) throws(SwiftletError) {
        let value: JSONValue
        do throws(SwiftletError) { value = try JSONValue.read(path: path) } catch {
            throw error.inFile(path).hinting(Self.hint)
        }
        do throws(SwiftletError) { try self.init(value, file: path) } catch {
            throw error.hinting(Self.hint)
        }
    }

    /// The row as it is read again: with as many digits as the file has.
    ///
    /// - Throws: a defect of the writer, as an error of reading.
    func asWritten() throws(SwiftletError) -> StudyRow {
        try StudyRow(try JSONValue.parse(ByteView(Array(text.utf8))), file: name)
    }

    private static let hint = "remove the file, and collect the run again"

    private init(_ value: JSONValue, file: String) throws(SwiftletError) {
        let fields = try JSONFields(value, file: file, code: .studyRow)
        guard fields["version"]?.int == Self.version else {
            throw fields.failure("version", "is not a known version")
        }
        func integer(_ key: String) throws(SwiftletError) -> Int? {
            try fields.int(key, in: 0...Int.max)
        }
        place = Place(
            experiment: try fields.required("experiment", fields.string),
            seed: try fields.required("seed", integer), part: try integer("part"))
        task = try fields.required("task", fields.string)
        model = RunResults.Student(
            method: try fields.required("method", fields.string), aux: try fields.bool("aux"),
            confidence: try fields.string("confidence"))
        key = try fields.required("key", fields.string)
        evidence = try fields.string("evidence")
        let values = try fields.required("metrics", fields.fields)
        metrics = []
        for pair in values.object.pairs {
            metrics.append(
                (pair.key, try values.read(pair.value, pair.key, as: "a finite number", \.finite)))
        }
        examples = try Self.examples(fields.required("examples", fields.fields))
    }

    private static func examples(_ fields: JSONFields) throws(SwiftletError) -> [Example] {
        let ids = try fields.required("id", fields.strings)
        func column<T>(
            _ key: String, _ expected: String, _ convert: (JSONValue) -> T?
        ) throws(SwiftletError) -> [T?] {
            guard
                let values = try fields.elements(
                    key, as: expected,
                    { value -> T?? in
                        value == .null ? .some(nil) : convert(value).map { .some($0) }
                    })
            else { return [T?](repeating: nil, count: ids.count) }
            guard values.count == ids.count else {
                throw fields.failure(key, "\(values.count) values for \(ids.count) examples")
            }
            return values
        }
        let correct = try column("correct", "0 or 1") { value -> Bool? in
            value.int.flatMap { [0: false, 1: true][$0] }
        }
        let gold = try column("gold", "a string", \.string)
        let probabilities = try column("probabilities", "a list of probabilities", shares)
        let word = try column("word", "three counts", slotCounts)
        let character = try column("char", "three counts", slotCounts)
        let entity = try column("entity", "three counts", slotCounts)
        let uncertainty = try column("uncertainty", "a finite number", \.finite)
        let score = try column("score", "a finite number", \.finite)
        // Answers are compared in time that is quadratic in their lengths.
        let answers = try column("answer", "a string of at most 64 KB") { value -> String? in
            value.string.flatMap { $0.utf8.count <= 65536 ? $0 : nil }
        }
        var seen: Set<String> = []
        var examples: [Example] = []
        for (index, id) in ids.enumerated() {
            guard let isCorrect = correct[index] else {
                throw fields.failure("correct", "no value", element: index)
            }
            guard seen.insert(id).inserted else {
                throw fields.failure("id", "an id is there twice", element: index)
            }
            var example = Example(
                id: id, isCorrect: isCorrect, gold: gold[index],
                probabilities: probabilities[index] ?? [], uncertainty: uncertainty[index],
                score: score[index], answer: answers[index])
            if let word = word[index], let character = character[index],
                let entity = entity[index]
            {
                example.slots = SlotMetrics.UtteranceCounts(
                    word: word, character: character, entity: entity)
            }
            examples.append(example)
        }
        return examples
    }

    private static func shares(_ value: JSONValue) -> [Double]? {
        guard let array = value.array, !array.isEmpty else { return nil }
        let shares = array.compactMap { value in
            value.finite.flatMap { (0...1).contains($0) ? $0 : nil }
        }
        return shares.count == array.count ? shares : nil
    }

    private static func slotCounts(_ value: JSONValue) -> SlotCounts? {
        guard let array = value.array else { return nil }
        let counts = array.compactMap { value in
            value.finite.flatMap { (0...1e9).contains($0) ? $0 : nil }
        }
        guard counts.count == 3, array.count == 3 else { return nil }
        return SlotCounts(
            truePositives: counts[0], falsePositives: counts[1], falseNegatives: counts[2])
    }
}

extension SwiftletError.Code {
    /// A file is not a row of a study, or does not fit the others.
    public static let studyRow = Self("weakToStrong.studyRow", .badData)
}
