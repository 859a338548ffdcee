/// Shows how much of its data a run has read before its first step.
final class ReadingProgress {
    private let quiet: Bool
    private var bar: (path: String, done: Int, bar: ProgressBar)?

    init(quiet: Bool) { self.quiet = quiet }

    /// Shows the bytes that were read of a file.
    func update(_ path: String, _ done: Int, _ total: Int) {
        // A file may be read twice.
        if bar == nil || bar?.path != path || done < bar?.done ?? 0 {
            finish()
            bar = (
                path, done, ProgressBar("reading", total: total, unit: "B", quiet: quiet)
            )
        }
        bar?.done = done
        bar?.bar.update(done)
    }

    /// Clears the line.
    func finish() { bar?.bar.finish() }
}
