import SwiftletBytes
import SwiftletTasks
import Yams

extension StudyDescription {
    /// The name of the file in the folder of a study.
    static let fileName = "study.yaml"

    private static let keys = [
        "title", "note", "samples", "experiments", "findings", "weak_models",
    ]
    private static let modelKeys = ["method", "aux", "confidence"]

    /// Reads `study.yaml`.
    ///
    /// - Parameter path: the file.
    /// - Throws: no input (66), and ``SwiftletBytes/SwiftletError/Code/runConfiguration`` (65) naming
    ///   line, column and key.
    public init(path: String) throws(SwiftletError) {
        let document = try YAMLDocument(path: path)
        let top = try YAMLFields(document.root, file: path, path: "", known: Self.keys)
        title = try top.string("title") ?? FileSystem.name(FileSystem.parent(path))
        note = try top.string("note")
        samples = try top.int("samples", in: 1...1_000_000) ?? 10_000
        (experiments, findings, weakModels) = ([], [], [])
        experiments = try Self.experiments(top)
        for fields in try Self.list(
            top, "findings",
            [
                "question", "paper", "experiment", "than_experiment", "metric", "figure", "better",
                "than", "note",
            ])
        {
            findings.append(try finding(fields))
        }
        for fields in try Self.list(
            top, "weak_models", ["title", "metric", "figure", "lines"])
        {
            weakModels.append(try chart(fields))
        }
    }

    private static func list(_ fields: YAMLFields, _ key: String, _ known: [String])
        throws(SwiftletError) -> [YAMLFields]
    {
        try fields.list(key, known: known) ?? []
    }

    private static func experiments(_ top: YAMLFields) throws(SwiftletError) -> [Experiment] {
        let listed = try top.required("experiments") { (key) throws(SwiftletError) in
            try top.list(
                key,
                known: ["name", "title", "task", "table", "parts", "seeds", "metric", "note"])
        }
        guard !listed.isEmpty else { throw top.failure("experiments", "an empty list") }
        var experiments: [Experiment] = []
        for fields in listed {
            let name = try fields.required("name", fields.string)
            guard isName(name) else {
                throw fields.failure(
                    "name",
                    "\"\(name.excerpt(of: 60))\" is not made of letters, digits, -, _, . and +")
            }
            guard !experiments.contains(where: { $0.name == name }) else {
                throw fields.failure("name", "\"\(name)\" is listed twice")
            }
            experiments.append(
                Experiment(
                    name: name, title: try fields.string("title") ?? name,
                    task: try fields.choice("task", TaskKind.self)?.rawValue,
                    table: try fields.string("table"),
                    parts: try fields.int("parts", in: 1...1000) ?? 1,
                    seeds: try fields.seeds("seeds")?.compactMap { Int(exactly: $0) } ?? [],
                    metric: try fields.string("metric"), note: try fields.string("note")))
        }
        return experiments
    }

    /// The name of an experiment that is listed.
    private func experiment(_ fields: YAMLFields, _ key: String) throws(SwiftletError) -> String? {
        guard let name = try fields.string(key) else { return nil }
        let names = experiments.map(\.name)
        guard names.contains(name) else {
            let error = fields.failure(key, "there is no experiment \"\(name.excerpt(of: 60))\"")
            let nearest = NearestName.of(name, among: names)
            throw error.hinting(
                nearest.map { "did you mean \"\($0)\"?" }
                    ?? "experiments: \(names.joined(separator: ", "))")
        }
        return name
    }

    private func requiredExperiment(_ fields: YAMLFields) throws(SwiftletError) -> String {
        try fields.required("experiment") { (key) throws(SwiftletError) in
            try experiment(fields, key)
        }
    }

    private static func model(_ fields: YAMLFields, _ key: String) throws(SwiftletError) -> Model? {
        guard let inner = try fields.fields(key, known: modelKeys) else { return nil }
        let name = try inner.required("method", inner.string)
        let method = ResultMethod(name)
        if case .other = method.role {
            let known = ["ceiling", "naive", "joint", "bayesian", "single-NAME", "weak-NAME"]
            let error = inner.failure(
                "method", "\"\(name.excerpt(of: 60))\" is not a model of a run")
            throw error.hinting(
                NearestName.of(name, among: known).map { "did you mean \"\($0)\"?" }
                    ?? "models: \(known.joined(separator: ", "))")
        }
        let confidence = try inner.choice("confidence", StudentSettings.Confidence.self)
        guard method.isStudent else {
            for key in ["aux", "confidence"] where inner.node(key) != nil {
                throw inner.failure(key, "is for students")
            }
            return Model(method: name, aux: nil, confidence: nil)
        }
        return Model(
            method: name, aux: try inner.bool("aux") ?? false,
            confidence: (confidence ?? .none).rawValue)
    }

    private static func requiredModel(_ fields: YAMLFields, _ key: String)
        throws(SwiftletError) -> Model
    {
        try fields.required(key) { (key) throws(SwiftletError) in try model(fields, key) }
    }

    private func finding(_ fields: YAMLFields) throws(SwiftletError) -> Finding {
        let name = try requiredExperiment(fields)
        let figure = try fields.choice("figure", Figure.self) ?? .value
        let than = try Self.model(fields, "than")
        if than == nil, figure == .value { throw fields.failure("than", "missing key") }
        let better = try Self.requiredModel(fields, "better")
        if figure == .pgr {
            for (key, model) in [("better", better), ("than", than ?? better)]
            where !ResultMethod(model.method).isStudent {
                throw fields.failure(key, "only students recover a gap")
            }
        }
        let other = try experiment(fields, "than_experiment") ?? name
        if other == name, than == better {
            throw fields.failure("than", "is the same model as \"better\"")
        }
        return Finding(
            question: try fields.required("question", fields.string),
            paper: try fields.string("paper"), experiment: name, otherExperiment: other,
            metric: try fields.string("metric"), figure: figure, better: better, than: than,
            note: try fields.string("note"))
    }

    private func chart(_ fields: YAMLFields) throws(SwiftletError) -> WeakModelChart {
        var chart = WeakModelChart(
            title: try fields.required("title", fields.string),
            metric: try fields.string("metric"),
            figure: try fields.choice("figure", Figure.self) ?? .value, lines: [])
        for line in try Self.list(fields, "lines", ["name", "points"]) {
            var points: [WeakModelChart.Point] = []
            for point in try Self.list(line, "points", ["count", "experiment", "row"]) {
                points.append(
                    WeakModelChart.Point(
                        count: try point.required("count") { (key) throws(SwiftletError) in
                            try point.int(key, in: 1...100)
                        },
                        experiment: try requiredExperiment(point),
                        model: try Self.requiredModel(point, "row")))
            }
            guard !points.isEmpty else { throw line.failure("points", "missing key") }
            chart.lines.append(
                WeakModelChart.Line(
                    name: try line.required("name", line.string), points: points))
        }
        guard !chart.lines.isEmpty else { throw fields.failure("lines", "missing key") }
        return chart
    }
}
