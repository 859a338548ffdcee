import SwiftletBytes
import SwiftletCheckpoint
import SwiftletTasks
import Yams

/// Reads the sections of a configuration, with the defaults of a task (METHOD §12).
struct ConfigurationReader {
    /// The folder that paths are relative to.
    let folder: String
    let task: TaskKind
    let top: YAMLFields
    /// The top level's `training`.
    let shared: TrainingChanges

    private var hasClasses: Bool { task.hasClasses }

    /// The `training` of a mapping.
    static func changes(in fields: YAMLFields?) throws(SwiftletError) -> TrainingChanges {
        guard let fields, let inner = try fields.fields("training", known: TrainingChanges.keys)
        else { return TrainingChanges() }
        return try TrainingChanges(inner)
    }

    /// A path relative to the folder; an id of the Hub stays as it is.
    private func path(_ fields: YAMLFields, _ key: String, isModel: Bool = false)
        throws(SwiftletError) -> String?
    {
        guard let text = try fields.string(key) else { return nil }
        if text.hasPrefix("/") { return text }
        let joined = folder == "." ? text : FileSystem.join(folder, text)
        // An id of the Hub looks like a relative path; a folder of that name wins.
        guard isModel, !FileSystem.somethingIs(at: joined) else { return joined }
        return (try? ModelLocator.resolve(text)) == nil ? joined : text
    }

    private func refuse(_ fields: YAMLFields, _ key: String, unless holds: Bool, _ reason: String)
        throws(SwiftletError)
    {
        if fields.has(key), !holds { throw fields.failure(key, reason) }
    }

    func prompt() throws(SwiftletError) -> SlotPrompt {
        try refuse(top, "prompt", unless: task == .slurp, "is for task slurp")
        return try top.choice("prompt", SlotPrompt.self) ?? .full
    }

    func data() throws(SwiftletError) -> RunConfiguration.Data {
        let known = [
            "train", "split", "weak", "strong", "test", "validation", "test_limit",
            "validation_limit", "labels",
        ]
        let fields = try top.required("data") { (key) throws(SwiftletError) in
            try top.fields(key, known: known)
        }
        try refuse(fields, "labels", unless: task == .sciq, "is for task sciq")
        let source: RunConfiguration.Data.Source
        if let train = try path(fields, "train") {
            for key in ["weak", "strong"] where fields.has(key) {
                throw fields.failure(key, "train and \(key) cannot be combined")
            }
            let split = try fields.fields("split", known: ["weak", "strong"])
            let count = hasClasses ? 5000 : 2000
            source = .split(
                train: train, weak: try split?.int("weak") ?? count,
                strong: try split?.int("strong") ?? count)
        } else {
            if fields.has("split") { throw fields.failure("split", "split needs train") }
            guard let weak = try path(fields, "weak") else {
                throw fields.failure("train", "missing key")
            }
            source = .files(
                weak: weak,
                strong: try fields.required("strong") { (key) throws(SwiftletError) in
                    try path(fields, key)
                })
        }
        return RunConfiguration.Data(
            source: source,
            test: try fields.required("test") { (key) throws(SwiftletError) in
                try path(fields, key)
            },
            validation: try path(fields, "validation"), testLimit: try fields.int("test_limit"),
            validationLimit: try fields.int("validation_limit"),
            labels: try fields.choice("labels", SciQRow.Labels.self) ?? .balanced)
    }

    // MARK: Models

    private enum Role { case weak, strong, preference }

    /// The defaults of METHOD §12.
    private func training(_ role: Role, _ changes: [TrainingChanges], keepsBest: Bool = false)
        -> TrainingSettings
    {
        var settings = TrainingSettings()
        if hasClasses {
            settings.optimizer = .adam
            settings.schedule = .cosine
            settings.learningRate = role == .weak ? 5e-5 : 1e-5
            settings.batchSize = 32
            settings.microBatchSize = 1
            settings.length = .epochs(2)
        } else {
            settings.optimizer = .adamw
            settings.schedule = .linear
            switch role {
            case .weak:
                settings.learningRate = 4e-5
                settings.batchSize = 8
                settings.microBatchSize = 4
                settings.length = .epochs(15)
            case .strong, .preference:
                settings.learningRate = role == .strong ? 1e-5 : 2e-7
                settings.batchSize = 2
                settings.microBatchSize = 1
                settings.length = .epochs(2)
            }
        }
        for change in [shared] + changes { change.apply(to: &settings) }
        settings.microBatchSize = min(settings.microBatchSize, settings.batchSize)
        settings.kept = settings.kept ?? (keepsBest && role == .weak ? .best : .last)
        return settings
    }

    func weak(hasValidation: Bool) throws(SwiftletError) -> ([RunConfiguration.WeakModel], Bool) {
        let fields = try top.required("weak") { (key) throws(SwiftletError) in
            try top.fields(key, known: ["models", "training", "fine_tune"])
        }
        let models = try fields.required("models") { (key) throws(SwiftletError) in
            try fields.list(key, known: ["name", "model", "training", "weight"])
        }
        guard !models.isEmpty else { throw fields.failure("models", "an empty list") }
        let outer = try Self.changes(in: fields)
        let fineTunes = try fields.bool("fine_tune") ?? true
        let weighted = models.filter { $0.node("weight") != nil }.count
        var list: [RunConfiguration.WeakModel] = []
        for model in models {
            let inner = try Self.changes(in: model)
            if inner.usesAdapters || outer.usesAdapters || shared.usesAdapters {
                throw (inner.usesAdapters ? model : fields).failure(
                    "training", "weak models are trained in full; lora is for the strong model")
            }
            if weighted > 0, model.node("weight") == nil {
                throw model.failure("weight", "missing key: other weak models have a weight")
            }
            let (name, path) = try named(model)
            guard !list.contains(where: { $0.name == name }) else {
                throw model.failure("name", "two weak models are named \"\(name)\"")
            }
            // Names of students are made of the name and these, and must differ.
            for suffix in ["-aux", "-product", "-eq8", "-aux-product", "-aux-eq8"]
            where list.contains(where: { $0.name == name + suffix || $0.name + suffix == name }) {
                throw model.failure(
                    model.has("name") ? "name" : "model",
                    "\"\(name)\" and another weak model's name differ only in \"\(suffix)\", which "
                        + "names of students end with")
            }
            list.append(
                .init(
                    name: name, model: path,
                    training: training(
                        .weak, [outer, inner], keepsBest: hasValidation && !hasClasses),
                    weight: try model.share("weight") ?? 1 / Double(models.count)))
        }
        let sum = list.reduce(0) { $0 + $1.weight }
        guard abs(sum - 1) < 1e-6 else {
            throw fields.failure("models", "the weights sum to \(sum), not to 1")
        }
        return (list, fineTunes)
    }

    func strong() throws(SwiftletError) -> (RunConfiguration.StrongModel, TrainingChanges) {
        let fields = try top.required("strong") { (key) throws(SwiftletError) in
            try top.fields(key, known: ["name", "model", "training", "ceiling"])
        }
        let changes = try Self.changes(in: fields)
        let (name, path) = try named(fields)
        return (
            .init(
                name: name, model: path, training: training(.strong, [changes]),
                hasCeiling: try fields.bool("ceiling") ?? true), changes
        )
    }

    /// A model and the name that it has in stages.
    private func named(_ fields: YAMLFields) throws(SwiftletError) -> (name: String, path: String) {
        let path: String = try fields.required("model") { (key) throws(SwiftletError) in
            try self.path(fields, key, isModel: true)
        }
        let name = try fields.string("name") ?? FileSystem.name(path)
        let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
        guard name.count <= 64, name.first != ".", name.allSatisfy(letters.contains) else {
            throw fields.failure(
                fields.has("name") ? "name" : "model",
                "\"\(name)\" is not a name of letters, digits, \"-\", \"_\" and \".\"")
        }
        return (name, path)
    }

    // MARK: Stages

    private func search(
        _ fields: YAMLFields?, _ standard: RunConfiguration.Answers
    ) throws(SwiftletError) -> RunConfiguration.Answers {
        guard let fields else { return standard }
        for key in ["beams", "max_new_tokens", "length_penalty"] {
            try refuse(fields, key, unless: !hasClasses, "is for tasks of sequences")
        }
        return RunConfiguration.Answers(
            beams: try fields.int("beams", in: 1...1024) ?? standard.beams,
            maxNewTokens: try fields.int("max_new_tokens") ?? standard.maxNewTokens,
            lengthPenalty: try fields.number("length_penalty") ?? standard.lengthPenalty)
    }

    func labels() throws(SwiftletError) -> RunConfiguration.Labels {
        let fields = try top.fields(
            "labels", known: ["form", "beams", "max_new_tokens", "length_penalty"])
        if let fields {
            try refuse(fields, "form", unless: hasClasses, "is for tasks of classes")
        }
        return RunConfiguration.Labels(
            form: try fields?.choice("form", RunConfiguration.Labels.Form.self) ?? .soft,
            search: try search(fields, .init(beams: 4, maxNewTokens: 128)))
    }

    func evaluation() throws(SwiftletError) -> RunConfiguration.Answers {
        try search(
            try top.fields("evaluation", known: ["beams", "max_new_tokens"]),
            .init(beams: 1, maxNewTokens: 128))
    }

    func bootstrapSamples() throws(SwiftletError) -> Int {
        try top.fields("significance", known: ["samples"])?.int("samples", in: 1...10_000_000)
            ?? 10_000
    }

    func students(_ strong: TrainingChanges) throws(SwiftletError) -> RunConfiguration.Students {
        let fields = try top.fields(
            "students",
            known: [
                "methods", "aux", "confidence", "aux_gamma", "aux_ramp", "balanced_threshold",
                "lambda", "anneal_epochs", "evidence", "clamp", "offset", "joint_score",
                "training",
            ])
        var losses = StudentSettings()
        losses.auxiliary = StudentSettings.standardAuxiliary
        var students = RunConfiguration.Students(
            methods: hasClasses
                ? [.single, .naive, .bayesian] : [.single, .naive, .joint, .bayesian],
            auxiliary: [false, true], confidence: hasClasses ? [.none] : [.none, .product],
            losses: losses,
            training: training(.strong, [strong, try Self.changes(in: fields)]))
        guard let fields else { return students }
        if let methods = try fields.choices("methods", StudentSettings.Method.self) {
            if hasClasses, methods.contains(.joint) {
                throw fields.failure("methods", "joint is for tasks of sequences")
            }
            students.methods = methods
        }
        students.auxiliary = try fields.bools("aux") ?? students.auxiliary
        if let confidence = try fields.choices("confidence", StudentSettings.Confidence.self) {
            if hasClasses, confidence != [.none] {
                throw fields.failure("confidence", "is for tasks of sequences")
            }
            students.confidence = confidence
        }
        try read(&students.losses, fields)
        return students
    }

    /// The settings of the losses.
    private func read(_ losses: inout StudentSettings, _ fields: YAMLFields) throws(SwiftletError) {
        losses.auxiliary = try fields.share("aux_gamma") ?? losses.auxiliary
        losses.auxiliaryRamp = try fields.notNegative("aux_ramp") ?? losses.auxiliaryRamp
        losses.balancedThreshold =
            try fields.bool("balanced_threshold") ?? losses.balancedThreshold
        try refuse(
            fields, "balanced_threshold", unless: hasClasses || !losses.balancedThreshold,
            "is for two classes")
        losses.lambda = try fields.notNegative("lambda") ?? losses.lambda
        losses.annealingEpochs = try fields.notNegative("anneal_epochs") ?? losses.annealingEpochs
        losses.evidence =
            try fields.choice("evidence", EvidenceFunction.self) ?? losses.evidence
        if let clamp = try fields.positiveOrNone("clamp") {
            losses.clamp = clamp.map { .bound($0) } ?? .none
        }
        losses.offset = try fields.number("offset") ?? losses.offset
        try refuse(fields, "joint_score", unless: !hasClasses, "is for tasks of sequences")
        losses.jointScore = try fields.choice("joint_score", JointScore.self) ?? losses.jointScore
    }

    func preference(
        _ labels: RunConfiguration.Labels, _ students: RunConfiguration.Students,
        among names: [StudentName]
    ) throws(SwiftletError) -> RunConfiguration.PreferenceTraining? {
        let fields = try top.fields(
            "preference",
            known: [
                "from", "beta", "epsilon", "beams", "max_new_tokens", "length_penalty", "score",
                "training",
            ])
        guard let fields else { return nil }
        guard !hasClasses else {
            throw top.failure("preference", "is for tasks of sequences")
        }
        let student = try student(fields, among: names)
        let changes = try Self.changes(in: fields)
        if changes.usesAdapters != (students.training.method == .lora), changes.hasMethod {
            throw fields.failure(
                "training", "the method is that of the students, \(students.training.method)")
        }
        if changes.keepsBest {
            throw fields.failure("training", "there is no validation data for preferences")
        }
        var training = training(.preference, [changes])
        training.kept = .last
        training.method = students.training.method
        training.rank = students.training.rank
        training.alpha = students.training.alpha
        return RunConfiguration.PreferenceTraining(
            student: student, beta: try fields.positive("beta") ?? 10,
            epsilon: try fields.number("epsilon", "a number from 0 to below 0.5") {
                (0..<0.5).contains($0)
            } ?? 0.1,
            search: try search(fields, labels.search),
            score: try fields.choice("score", JointScore.self) ?? students.losses.jointScore,
            training: training)
    }

    /// The student that the preference stage starts from.
    private func student(_ fields: YAMLFields, among names: [StudentName])
        throws(SwiftletError) -> StudentName
    {
        let from = try fields.fields("from", known: ["method", "aux", "confidence"])
        let method = try from?.string("method") ?? "bayesian"
        let auxiliary = try from?.bool("aux") ?? true
        let confidence =
            try from?.choice("confidence", StudentSettings.Confidence.self) ?? .product
        let found = names.first {
            $0.method.name == method && $0.hasAuxiliary == auxiliary
                && $0.confidence == confidence
        }
        guard let found else {
            throw fields.failure(
                "from",
                "no student has method \(method), aux \(auxiliary) and confidence "
                    + confidence.rawValue
            ).hinting("students: \(names.map(\.stage).joined(separator: ", "))")
        }
        return found
    }
}
