import SwiftletBytes
import SwiftletReports
import SwiftletTuning

/// Writes the page with the course of a fine-tuning run: whenever a state is saved, and at the end.
///
/// A run that continues takes the earlier steps from its log or, without one, from the page, which is
/// as old as the state that the run continues from.
final class CurveRecorder {
    /// The page's name in the folder of the run.
    private static let standardName = "training_curve.html"

    private let path: String
    private let name: String
    private let logPath: String?
    private let quiet: QuietOption
    private var history = TrainingHistory()
    private var total: Int?

    /// Creates the recorder of a run; nil with `--no-curve`.
    ///
    /// - Throws: cannot create (73) when the page's folder does not exist, or a file is there that is
    ///   not such a page.
    init?(_ options: RunOptions, output: String, quiet: QuietOption) throws(SwiftletError) {
        if options.noCurve { return nil }
        path = options.curve ?? FileSystem.join(output, Self.standardName)
        name = FileSystem.name(output)
        logPath = options.log
        self.quiet = quiet
        guard let given = options.curve else { return }
        if given == options.log {
            throw SwiftletError(.usage, "--curve and --log must be different files")
        }
        guard FileSystem.isFolder(FileSystem.parent(given)) else {
            throw SwiftletError(.cannotCreate, file: given, "its folder does not exist")
        }
        if FileSystem.somethingIs(at: given), Self.page(given) == nil {
            throw SwiftletError(
                .cannotCreate, file: given, "already exists and is not a training curve",
                hint: "give another file with --curve")
        }
    }

    /// Records an event of the run.
    func record(_ event: FineTuneEvent) {
        switch event {
        case .started(let start):
            total = start.total
            if start.done > 0 {
                history = earlier ?? TrainingHistory()
                history.truncate(after: start.done)
            }
        case .saved: write()
        default: if let line = event.logLine { history.add(line) }
        }
    }

    private var earlier: TrainingHistory? {
        if let logPath, let history = try? TrainingHistory(log: logPath) { return history }
        return Self.page(path)
    }

    private static func page(_ path: String) -> TrainingHistory? {
        (try? MappedFile(path: path)).flatMap { TrainingCurvePage.history(in: $0.bytes) }
    }

    /// Writes the page, unless this run made no step.
    ///
    /// The page is a by-product: what it cannot do is noted, and the run goes on.
    func write() {
        guard history.lastStep != nil else { return }
        do throws(SwiftletError) {
            let page = TrainingCurvePage(history, name: name, total: total)
            try AtomicFile.write(Array(page.html().utf8), to: path)
        } catch {
            quiet.note("the training curve is not written: \(error)")
        }
    }
}
