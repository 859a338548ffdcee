import SwiftletBytes

extension RunResults {
    /// The version of the file.
    private static let version = 1

    /// Reads `results.json`.
    ///
    /// - Parameter path: the file.
    /// - Throws: no input (66), I/O (74), and bad data (65) naming the key.
    public init(path: String) throws(SwiftletError) {
        try self.init(try JSONValue.read(path: path), file: path)
    }

    /// Reads results.
    ///
    /// - Parameters:
    ///   - value: an object with `rows`, and optionally `task` and `significance`.
    ///   - file: the file to name in errors.
    /// - Throws: bad data (65) naming the key.
    public init(_ value: JSONValue, file: String? = nil) throws(SwiftletError) {
        let fields = try JSONFields(value, file: file, code: .runResults)
        if let version = fields["version"], version.int != Self.version {
            throw fields.failure("version", "\(version.excerpt) is not a known version")
        }
        var rows: [Row] = []
        let listed = try fields.required("rows") { (key) throws(SwiftletError) in
            try fields.read(key, as: "an array", \.array)
        }
        for (index, row) in listed.enumerated() {
            rows.append(try Self.row(row, "rows[\(index)]", file))
        }
        var significance: [Comparison] = []
        for (index, item) in (try fields.read("significance", as: "an array", \.array) ?? [])
            .enumerated()
        {
            significance.append(try Self.comparison(item, "significance[\(index)]", file))
        }
        self.init(
            task: try fields.string("task") ?? rows.first?.task ?? "", rows: rows,
            significance: significance)
    }

    private static func row(_ value: JSONValue, _ path: String, _ file: String?)
        throws(SwiftletError) -> Row
    {
        let fields = try JSONFields(value, file: file, path: path, code: .runResults)
        let student = try student(fields)
        return Row(
            task: try fields.required("task", fields.string), method: student.method,
            aux: student.aux, confidence: student.confidence, seed: try seed(fields),
            metric: try fields.required("metric", fields.string),
            value: try fields.read("value", as: "a finite number", \.finite),
            pgr: try fields.read("pgr", as: "a finite number", \.finite))
    }

    private static func comparison(_ value: JSONValue, _ path: String, _ file: String?)
        throws(SwiftletError) -> Comparison
    {
        let fields = try JSONFields(value, file: file, path: path, code: .runResults)
        func side(_ key: String) throws(SwiftletError) -> Student {
            try student(
                JSONFields(
                    fields[key] ?? .null, file: file, path: "\(path).\(key)", code: .runResults))
        }
        return Comparison(
            seed: try seed(fields), metric: try fields.required("metric", fields.string),
            a: try side("a"), b: try side("b"), test: try fields.required("test", fields.string),
            p: try fields.read("p", as: "a finite number", \.finite))
    }

    private static func student(_ fields: JSONFields) throws(SwiftletError) -> Student {
        Student(
            method: try fields.required("method", fields.string),
            aux: try fields.read("aux", as: "true or false", \.bool),
            confidence: try fields.string("confidence"))
    }

    private static func seed(_ fields: JSONFields) throws(SwiftletError) -> Int {
        try fields.read("seed", as: "an integer", \.int) ?? 0
    }

    /// The object of `results.json`.
    public var object: JSONObject {
        [
            "version": JSONValue(Self.version), "task": .string(task),
            "rows": .array(rows.map { .object($0.object) }),
            "significance": .array(significance.map { .object($0.object) }),
        ]
    }
}

extension RunResults.Row {
    /// The row as an object.
    public var object: JSONObject {
        var object: JSONObject = ["task": .string(task)]
        student.append(to: &object)
        object.append("seed", JSONValue(seed))
        object.append("metric", .string(metric))
        object.append("value", JSONValue(finite: value))
        object.append("pgr", JSONValue(finite: pgr))
        return object
    }

    /// The model of the row.
    var student: RunResults.Student { .init(method: method, aux: aux, confidence: confidence) }
}

extension RunResults.Student {
    fileprivate func append(to object: inout JSONObject) {
        object.append("method", .string(method))
        object.append("aux", aux.map { .bool($0) } ?? .null)
        object.append("confidence", confidence.map { .string($0) } ?? .null)
    }

    fileprivate var object: JSONObject {
        var object = JSONObject()
        append(to: &object)
        return object
    }
}

extension RunResults.Comparison {
    /// The comparison as an object.
    public var object: JSONObject {
        [
            "seed": JSONValue(seed), "metric": .string(metric), "a": .object(a.object),
            "b": .object(b.object), "test": .string(test), "p": JSONValue(finite: p),
        ]
    }
}

extension SwiftletError.Code {
    /// A file is not the results of a run.
    public static let runResults = Self("weakToStrong.results", .badData)
}
