/// Estimates the time of a run from its first steps.
///
/// The first step is left out, because it allocates memory.
struct StepTiming {
    /// Steps that are measured.
    private static let measured = 3

    private let first: Int
    private let total: Int
    private let clock = ContinuousClock()
    private var began: ContinuousClock.Instant?

    /// Prepares to measure.
    ///
    /// - Parameters:
    ///   - done: steps made before.
    ///   - total: steps of the run.
    init(done: Int, total: Int) {
        first = done + 1
        self.total = total
    }

    /// The seconds that the steps after this one will take: once, after enough steps, if they are
    /// worth a note.
    mutating func estimate(after step: Int) -> Double? {
        if step == first { began = clock.now }
        guard let began, step == first + Self.measured, step < total else { return nil }
        let seconds = (clock.now - began) / .seconds(1) / Double(Self.measured)
        let rest = seconds * Double(total - step)
        return rest >= 10 ? rest : nil
    }

    /// A duration for people.
    static func text(_ seconds: Double) -> String {
        let minutes = Int((seconds / 60).rounded())
        if minutes < 2 { return "\(Int(seconds.rounded())) seconds" }
        if minutes < 120 { return "\(minutes) minutes" }
        let hours = (Double(minutes) / 6).rounded() / 10
        return "\(hours) hours"
    }
}
