import SwiftletBytes
import SwiftletTasks

extension RunReport {
    /// McNemar's tests between the students of a run whose results are not gathered yet.
    ///
    /// Students are compared as in the results of a complete run: those that differ in one thing
    /// only, within a seed, on the same rows.
    static func comparisons(_ folder: ReportFolder, _ plan: ReportPlan?) -> [RunResults.Comparison]
    {
        folder.seeds.flatMap { seed -> [RunResults.Comparison] in
            let students = (plan?.models ?? []).compactMap {
                model -> (RunResults.Student, Answers)? in
                guard ResultMethod(model.row.method).isStudent,
                    let stage = folder.complete(seed, model.evaluation),
                    let answers = Answers(stage)
                else { return nil }
                return (model.row, answers)
            }
            return students.indices.flatMap { first in
                students[(first + 1)...].compactMap { other in
                    compare(students[first], other, seed)
                }
            }
        }
    }

    /// Which rows a student answers correctly.
    private struct Answers {
        let ids: [String]
        let correct: [Bool]
        let metric: String

        /// Nil if an answer does not say whether it is right.
        init?(_ stage: ReportFolder.StageFolder) {
            guard let path = stage.file("predictions.jsonl"), let file = try? PredictionFile(path)
            else { return nil }
            ids = file.lines.map(\.id)
            correct = file.lines.compactMap(\.isCorrect)
            metric =
                file.lines.contains { $0.probabilities != nil } ? "accuracy" : "exact_match"
            if correct.count != ids.count || ids.isEmpty { return nil }
        }
    }

    private static func compare(
        _ a: (student: RunResults.Student, answers: Answers),
        _ b: (student: RunResults.Student, answers: Answers), _ seed: Int
    ) -> RunResults.Comparison? {
        guard a.student.differsInOneThing(from: b.student), a.answers.ids == b.answers.ids else {
            return nil
        }
        let pairs = zip(a.answers.correct, b.answers.correct)
        return RunResults.Comparison(
            seed: seed, metric: a.answers.metric, a: a.student, b: b.student, test: "mcnemar",
            p: McNemarTest.pValue(
                pairs.count { $0 && !$1 }, pairs.count { !$0 && $1 }))
    }
}

extension RunResults.Student {
    /// Whether only the method, the auxiliary loss, the form of confidence or the preference stage
    /// differs; students of two single weak models are not compared.
    func differsInOneThing(from other: RunResults.Student) -> Bool {
        let (a, b) = (ResultMethod(method), ResultMethod(other.method))
        let isSameMethod = a.role == b.role
        if case .single = a.role, case .single = b.role, !isSameMethod { return false }
        return [
            !isSameMethod, a.preference != b.preference, aux != other.aux,
            confidence != other.confidence,
        ].count { $0 } == 1
    }
}
