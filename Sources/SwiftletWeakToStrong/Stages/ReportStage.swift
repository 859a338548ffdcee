import SwiftletBytes

/// Writes the report of a run: tables and the page.
struct ReportStage: Stage {
    let id = StageID(seed: nil, name: "report")
    let kind = "report"
    let title: String
    /// Everything that the report may show.
    var inputsOf: [StageID]

    var settings: JSONObject { ["title": .string(title)] }

    var inputs: [StageInput] { inputsOf.map { .stage($0, .all) } }

    func publishedFolder(in folder: RunFolder) -> String? { folder.report }

    func restricted(to stages: Set<StageID>) -> any Stage {
        var stage = self
        stage.inputsOf.removeAll { !stages.contains($0) }
        return stage
    }

    func estimate(_ sizes: RunSizes) -> StageEstimate { StageEstimate(outputBytes: 2_000_000) }

    func run(_ work: StageWork) throws(SwiftletError) {
        let results = work.folder.path(
            of: StageID(seed: nil, name: "results"), ResultsStage.file)
        let report = try RunReport(
            work.folder.path, results: results, title: title, sentencePiece: work.sentencePiece)
        report.notes.forEach(work.onNote)
        try report.write(to: work.folder.path(of: id))
    }
}
