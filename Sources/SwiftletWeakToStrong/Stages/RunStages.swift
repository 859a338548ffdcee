import SwiftletBytes
import SwiftletTasks

/// The graph of a run's stages: what the method does for each seed, and what gathers all seeds.
struct RunStages {
    private let configuration: RunConfiguration
    private var stages: [any Stage] = []
    private var models: [EvaluatedModel] = []

    /// The stages of a configuration, in order.
    ///
    /// - Throws: a defect (70) if the graph is not one.
    static func plan(_ configuration: RunConfiguration) throws(SwiftletError) -> StagePlan {
        var builder = RunStages(configuration)
        for seed in configuration.seeds { builder.add(seed) }
        let results = ResultsStage(
            task: configuration.task, prompt: configuration.prompt, models: builder.models,
            bootstrapSamples: configuration.bootstrapSamples)
        builder.stages.append(results)
        if configuration.writesReport {
            builder.stages.append(
                ReportStage(
                    title: configuration.name, inputsOf: builder.stages.map(\.id)))
        }
        return try StagePlan(builder.stages)
    }

    private init(_ configuration: RunConfiguration) { self.configuration = configuration }

    private var hasClasses: Bool { configuration.task.hasClasses }

    /// The stages of a seed.
    private mutating func add(_ seed: UInt64) {
        stages.append(SplitStage(configuration, seed: seed))
        let weak = configuration.weak.map { addWeak($0, seed) }
        if configuration.strong.hasCeiling {
            let id = StageID(seed: seed, name: "ceiling")
            stages.append(
                FineTuneStage(
                    id: id, kind: "ceiling", model: strong, part: SplitStage.strong,
                    training: configuration.strong.training, hasClasses: hasClasses,
                    hasValidation: usesValidation(configuration.strong.training)))
            var model = strong
            model.trainedBy = id
            model.isAdapter = configuration.strong.training.method == .lora
            addEvaluation(of: model, EvaluatedModel(stage: id, method: "ceiling"))
        }
        let labels = weak.map { addLabels($0, seed) }
        let tables = addJoint(weak, labels, seed)
        for student in configuration.studentNames {
            addStudent(student, labels: labels, tables: tables, seed)
        }
        if let preference = configuration.preference { addPreference(preference, weak, seed) }
    }

    /// The strong model as it was given.
    private var strong: StageModel {
        StageModel(base: configuration.strong.model, name: configuration.strong.name)
    }

    private func usesValidation(_ training: TrainingSettings) -> Bool {
        configuration.data.validation != nil && training.kept == .best
    }

    private mutating func addWeak(_ weak: RunConfiguration.WeakModel, _ seed: UInt64) -> StageModel
    {
        var model = StageModel(base: weak.model, name: weak.name)
        let id = StageID(seed: seed, name: "weak-\(weak.name)")
        if configuration.fineTunesWeak {
            stages.append(
                FineTuneStage(
                    id: id, kind: "weak", model: model, part: SplitStage.weak,
                    training: weak.training, hasClasses: hasClasses,
                    hasValidation: usesValidation(weak.training)))
            model.trainedBy = id
        }
        addEvaluation(of: model, EvaluatedModel(stage: id, method: id.name))
        return model
    }

    /// Adds the evaluation of a model that is named by the stage that trained it.
    private mutating func addEvaluation(of model: StageModel, _ evaluated: EvaluatedModel) {
        let id = StageID(seed: evaluated.stage.seed, name: "evaluate-\(evaluated.stage.name)")
        stages.append(
            EvaluateStage(
                id: id, model: model, task: configuration.task, prompt: configuration.prompt,
                answers: configuration.evaluation,
                evidence: evidence(of: evaluated.student)))
        models.append(
            EvaluatedModel(
                stage: id, method: evaluated.method, student: evaluated.student,
                isPreferred: evaluated.isPreferred))
    }

    /// How the uncertainty of a model's answers is computed: for classes always, which costs nothing,
    /// for texts where the model has learned evidence.
    private func evidence(of student: StudentName?) -> Evidential? {
        guard hasClasses || student?.method == .bayesian else { return nil }
        let losses = configuration.students.losses
        let clamp: Double? =
            switch losses.clamp {
            case .standard: hasClasses ? 10 : 20
            case .none: nil
            case .bound(let bound): bound
            }
        return Evidential(evidence: losses.evidence, clamp: clamp, offset: losses.offset)
    }

    private mutating func addLabels(_ model: StageModel, _ seed: UInt64) -> StageID {
        let id = StageID(seed: seed, name: "labels-\(model.name)")
        stages.append(
            LabelStage(
                id: id, kind: "labels", model: model, hasClasses: hasClasses,
                form: configuration.labels.form, search: configuration.labels.search))
        return id
    }

    /// The tables of all candidates, if a student needs them.
    private mutating func addJoint(_ weak: [StageModel], _ labels: [StageID], _ seed: UInt64)
        -> [StageID]
    {
        guard configuration.students.methods.contains(.joint) else { return [] }
        let tables = weak.map { model in
            let id = StageID(seed: seed, name: "scores-\(model.name)")
            stages.append(
                ScoreStage(
                    id: id, kind: "scores", model: model, labels: labels,
                    candidateCount: weak.count * configuration.labels.search.beams))
            return id
        }
        stages.append(
            JointStage(
                id: StageID(seed: seed, name: "joint"), tables: tables,
                decoding: JointDecoding(
                    score: configuration.students.losses.jointScore, weights: configuration.weights)
            ))
        return tables
    }

    private mutating func addStudent(
        _ name: StudentName, labels: [StageID], tables: [StageID], _ seed: UInt64
    ) {
        let id = StageID(seed: seed, name: name.stage)
        var read = labels
        switch name.method {
        case .single(let model):
            read = zip(configuration.weak, labels).filter { $0.0.name == model }.map(\.1)
        case .joint: read = tables
        case .naive, .bayesian: break
        }
        let weights = read.count == 1 ? [1] : configuration.weights
        stages.append(
            StudentStage(
                id: id, model: strong, labels: read,
                losses: configuration.settings(of: name, weights: weights),
                training: configuration.students.training, hasClasses: hasClasses,
                hasValidation: usesValidation(configuration.students.training)))
        addEvaluation(
            of: student(id), EvaluatedModel(stage: id, method: name.method.name, student: name))
    }

    /// The student that a stage has trained.
    private func student(_ id: StageID) -> StageModel {
        var model = strong
        model.trainedBy = id
        model.isAdapter = configuration.students.training.method == .lora
        return model
    }

    private mutating func addPreference(
        _ preference: RunConfiguration.PreferenceTraining, _ weak: [StageModel], _ seed: UInt64
    ) {
        let start = student(StageID(seed: seed, name: preference.student.stage))
        let candidates = StageID(seed: seed, name: "candidates")
        stages.append(
            LabelStage(
                id: candidates, kind: "candidates", model: start, hasClasses: false, form: .soft,
                search: preference.search))
        let tables = weak.map { model in
            let id = StageID(seed: seed, name: "preference-scores-\(model.name)")
            stages.append(
                ScoreStage(
                    id: id, kind: "preference-scores", model: model, labels: [candidates],
                    candidateCount: preference.search.beams))
            return id
        }
        let pairs = StageID(seed: seed, name: "pairs")
        stages.append(
            PairsStage(
                id: pairs, tables: tables,
                decoding: JointDecoding(
                    score: preference.score, weights: configuration.weights)))
        let id = StageID(seed: seed, name: "preference")
        stages.append(
            PreferenceStage(id: id, model: start, settingsOfRun: preference, pairs: pairs))
        let suffix = preference.epsilon > 0 ? "+cdpo" : "+dpo"
        addEvaluation(
            of: student(id),
            EvaluatedModel(
                stage: id, method: preference.student.method.name + suffix,
                student: preference.student, isPreferred: true))
    }
}
