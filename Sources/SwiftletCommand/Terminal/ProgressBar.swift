import SwiftletCheckpoint

/// Shows the progress of long work: a bar with rate and time left on a terminal, a plain line now and
/// then elsewhere, nothing if quiet.
final class ProgressBar {
    private let title: String
    private let unit: String
    private let total: Double
    private let quiet: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let startValue: Double
    private var lastShown: ContinuousClock.Instant?
    private var isOpen = false

    private static let barWidth = 28

    /// Creates a bar.
    ///
    /// - Parameters:
    ///   - title: the kind of work.
    ///   - total: the final value.
    ///   - done: the present value.
    ///   - unit: of the values; `B` is shown as kB, MB and so on.
    ///   - quiet: whether to show nothing.
    init(_ title: String, total: Int, done: Int = 0, unit: String, quiet: Bool) {
        self.title = title
        self.total = Double(max(total, 1))
        self.unit = unit
        self.quiet = quiet
        startValue = Double(done)
        start = clock.now
    }

    /// Updates the value, and shows it if enough time has passed.
    func update(_ value: Int, _ note: String = "") {
        guard !quiet else { return }
        let now = clock.now
        let pause: Duration = StandardError.isTerminal ? .milliseconds(100) : .seconds(10)
        if let lastShown, now - lastShown < pause { return }
        if lastShown == nil, !StandardError.isTerminal, now - start < pause { return }
        lastShown = now
        show(value, note, now)
    }

    /// Clears the line.
    func finish() {
        guard isOpen else { return }
        StandardError.write("\r\u{1B}[K")
        isOpen = false
    }

    private func show(_ value: Int, _ note: String, _ now: ContinuousClock.Instant) {
        let seconds = (now - start) / .seconds(1)
        let share = min(max(Double(value) / total, 0), 1)
        let rate = seconds > 0 ? (Double(value) - startValue) / seconds : 0
        let left = rate > 0 ? (total - Double(value)) / rate : .infinity
        var text = "\(title) \(Int(share * 100)) % \(amount(Double(value)))/\(amount(total))"
        text += ", \(amount(rate))/s, \(Self.time(left)) left"
        if !note.isEmpty { text += ", \(note)" }
        guard StandardError.isTerminal else {
            StandardError.line(text)
            return
        }
        let filled = Int(share * Double(Self.barWidth))
        let bar =
            String(repeating: "█", count: filled)
            + String(repeating: "░", count: Self.barWidth - filled)
        StandardError.write("\r\(bar) \(text)\u{1B}[K")
        isOpen = true
    }

    private func amount(_ value: Double) -> String {
        if unit == "B" { return Self.bytes(value) }
        // Above 2^53 the conversion to Int might trap.
        guard value < 0x1p53 else { return "\(value) \(unit)" }
        return value >= 100 || value == value.rounded()
            ? "\(Int(value)) \(unit)" : "\(Double(Int(value * 10)) / 10) \(unit)"
    }

    /// `1.5 GB`.
    static func bytes(_ value: Double) -> String {
        var (value, index) = (value, 0)
        let units = ["B", "kB", "MB", "GB", "TB"]
        while value >= 1000, index < units.count - 1 { (value, index) = (value / 1000, index + 1) }
        return index == 0 ? "\(Int(value)) B" : "\(Double(Int(value * 10)) / 10) \(units[index])"
    }

    /// `1 h 02 min`, `3 min 20 s`, `12 s`.
    static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e8 else { return "?" }
        let whole = Int(seconds.rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole >= 3600 { return "\(whole / 3600) h \(two(whole / 60 % 60)) min" }
        return whole >= 60 ? "\(whole / 60) min \(two(whole % 60)) s" : "\(whole) s"
    }
}

/// A progress bar for the bytes of a file being written.
final class BytesProgress {
    private let title: String
    private let quiet: Bool
    private var bar: ProgressBar?

    init(_ title: String, quiet: Bool) {
        self.title = title
        self.quiet = quiet
    }

    /// Updates the number of bytes written.
    func update(_ progress: CheckpointConverter.Progress) {
        let bar =
            bar ?? ProgressBar(title, total: progress.bytesTotal, unit: "B", quiet: quiet)
        self.bar = bar
        bar.update(progress.bytesDone)
    }

    /// Clears the line.
    func finish() { bar?.finish() }
}
