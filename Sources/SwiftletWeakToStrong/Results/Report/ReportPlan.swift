import SwiftletBytes

/// The models and stages of a run by its configuration, for readers of its folder.
struct ReportPlan {
    /// A model that is evaluated.
    struct Model: Hashable {
        /// The stage that trains it.
        let stage: String
        /// The model in the results.
        let row: RunResults.Student

        /// The stage that evaluates it.
        var evaluation: String { "evaluate-\(stage)" }
    }

    /// The name of the run.
    let name: String?
    /// The metric that was chosen for the run.
    let metric: String?
    /// The weak models: names and places.
    let weak: [(name: String, model: String)]
    /// The strong model's name and place.
    let strong: (name: String, model: String)?
    /// All models in the order of the results.
    let models: [Model]
    /// All stages of a seed in order.
    let stages: [String]
    /// The seeds that the run has in the end.
    let seeds: [Int]

    /// Reads the configuration of a run, as `run.json` has it.
    init(_ configuration: JSONValue) {
        name = configuration["name"]?.string
        metric = configuration["metric"]?.string
        let weak = (configuration["weak"]?["models"]?.array ?? []).compactMap {
            model -> (name: String, model: String)? in
            model["name"]?.string.map { ($0, model["model"]?.string ?? "") }
        }
        self.weak = weak
        let strong = configuration["strong"]
        if let model = strong?["model"]?.string {
            self.strong = (name: strong?["name"]?.string ?? FileSystem.name(model), model: model)
        } else {
            self.strong = nil
        }
        seeds = (configuration["seeds"]?.array ?? []).compactMap(\.int)
        let students = Self.students(configuration["students"], weak.map(\.name))
        var models = weak.map { Self.model("weak-\($0.name)", "weak-\($0.name)") }
        if strong?["ceiling"]?.bool != false { models.append(Self.model("ceiling", "ceiling")) }
        models += students
        let preference = configuration["preference"].flatMap { $0 == .null ? nil : $0 }
        if let preference { models.append(Self.preferred(preference)) }
        self.models = models
        stages = Self.stages(
            models, weak: weak.map(\.name),
            trainsWeak: configuration["weak"]?["fine_tune"]?.bool != false,
            needsTables: students.contains { $0.row.method == "joint" },
            hasPreference: preference != nil)
    }

    private static func model(_ stage: String, _ method: String) -> Model {
        Model(
            stage: stage, row: RunResults.Student(method: method, aux: nil, confidence: nil))
    }

    private static func preferred(_ preference: JSONValue) -> Model {
        let from = preference["from"]
        let ending = preference["epsilon"]?.double == 0 ? "dpo" : "cdpo"
        return Model(
            stage: "preference",
            row: RunResults.Student(
                method: "\(from?["method"]?.string ?? "bayesian")+\(ending)",
                aux: from?["aux"]?.bool, confidence: from?["confidence"]?.string))
    }

    /// All students in the order in which they are trained.
    private static func students(_ students: JSONValue?, _ weak: [String]) -> [Model] {
        let methods = (students?["methods"]?.array ?? []).compactMap(\.string).flatMap {
            $0 == "single" ? weak.map { "single-\($0)" } : [$0]
        }
        let forms = (students?["confidence"]?.array ?? []).compactMap(\.string)
        let auxiliary = (students?["aux"]?.array ?? []).compactMap(\.bool)
        return methods.flatMap { method in
            forms.flatMap { confidence in
                auxiliary.map { aux in
                    Model(
                        stage: "student-\(method)" + (aux ? "-aux" : "")
                            + (confidence == "none" ? "" : "-\(confidence)"),
                        row: RunResults.Student(method: method, aux: aux, confidence: confidence))
                }
            }
        }
    }

    private static func stages(
        _ models: [Model], weak: [String], trainsWeak: Bool, needsTables: Bool,
        hasPreference: Bool
    ) -> [String] {
        var stages = ["split"]
        for name in weak {
            if trainsWeak { stages.append("weak-\(name)") }
            stages.append("evaluate-weak-\(name)")
        }
        if models.contains(where: { $0.stage == "ceiling" }) {
            stages += ["ceiling", "evaluate-ceiling"]
        }
        stages += weak.map { "labels-\($0)" }
        if needsTables { stages += weak.map { "scores-\($0)" } + ["joint"] }
        for model in models where model.stage.hasPrefix("student-") {
            stages += [model.stage, model.evaluation]
        }
        if hasPreference {
            stages += ["candidates"] + weak.map { "preference-scores-\($0)" }
            stages += ["pairs", "preference", "evaluate-preference"]
        }
        return stages
    }
}
