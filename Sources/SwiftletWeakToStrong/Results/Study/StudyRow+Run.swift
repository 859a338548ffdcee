import SwiftletBytes
import SwiftletDigests
import SwiftletTasks

extension StudyRow {
    /// Makes the row of an evaluation.
    ///
    /// - Parameters:
    ///   - folder: the folder of the stage.
    ///   - record: of the stage, which is complete.
    ///   - place: where the row belongs.
    ///   - task: of the run.
    ///   - model: the model that was evaluated.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/studyRow`` (65) for files that are not what the
    ///   stage made, naming file and line; I/O (74).
    init(
        evaluation folder: String, _ record: StageRecord, place: Place, task: String,
        model: RunResults.Student
    ) throws(SwiftletError) {
        let metricsFile = FileSystem.join(folder, EvaluateStage.metrics)
        let predictions = FileSystem.join(folder, EvaluateStage.predictions)
        for file in [metricsFile, predictions] {
            let recorded = record.outputs.first { $0.path == FileSystem.name(file) }?.hash
            guard FileSystem.isFile(file), try SHADigest.sha256(ofFile: file) == recorded else {
                throw SwiftletError(
                    .studyRow, file: file, "is not what the stage made",
                    hint: "repeat the run's command, which makes it again")
            }
        }
        (self.place, self.task, self.model) = (place, task, model)
        key = record.key
        evidence = record.settings?["evidence"]?.string
        let values = try JSONFields(
            try JSONValue.read(path: metricsFile), file: metricsFile, code: .studyRow)
        metrics = []
        for pair in values.object.pairs where RunResults.isMetric(pair.key) {
            metrics.append(
                (pair.key, try values.read(pair.value, pair.key, as: "a finite number", \.finite)))
        }
        let keepsAnswers = ResultMethod(model.method).isWeak
        var ids: Set<String> = []
        examples = []
        for (index, line) in try PredictionFile(predictions).lines.enumerated() {
            func refuse(_ reason: String) -> SwiftletError {
                SwiftletError(.studyRow, file: predictions, reason, at: "line \(index + 1)")
            }
            guard let isCorrect = line.isCorrect else { throw refuse("has no \"correct\"") }
            guard ids.insert(line.id).inserted else { throw refuse("has the id of a line before") }
            var example = Example(id: line.id, isCorrect: isCorrect, uncertainty: line.uncertainty)
            if let probabilities = line.probabilities {
                guard !probabilities.isEmpty, probabilities.allSatisfy({ (0...1).contains($0) })
                else { throw refuse("has \"probabilities\" that are none") }
                example.gold = line.gold
                example.probabilities = probabilities
            } else {
                example.score = line.score
                if keepsAnswers { example.answer = line.answer }
            }
            if let slots = line.slots {
                guard slots.gold.allSatisfy({ $0.filler.unicodeScalars.contains { $0 != " " } })
                else {
                    throw refuse("has a gold entity without words")
                }
                var counts = SlotMetrics()
                counts.add(gold: slots.gold, prediction: slots.predicted)
                example.slots = counts.utterances.first
            }
            examples.append(example)
        }
        guard !examples.isEmpty else {
            throw SwiftletError(.studyRow, file: predictions, "has no lines")
        }
    }
}
