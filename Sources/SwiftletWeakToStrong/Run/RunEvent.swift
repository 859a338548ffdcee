/// What a run reports while it is running.
public enum RunEvent: Sendable {
    /// Which stage it is about.
    public struct Position: Sendable {
        /// The stage.
        public let id: StageID
        /// Its number, from 1.
        public let number: Int
        /// The number of all stages.
        public let count: Int
    }

    /// The stage is done already.
    case skipped(Position)
    /// The stage begins or continues, for this reason; the time left is for the whole run.
    case started(Position, StageStatus, secondsLeft: Double?)
    /// The stage has come this far.
    case progress(Position, StageProgress)
    /// Something that the user may want to know.
    case note(Position, String)
    /// The stage is complete.
    case finished(Position, seconds: Double, secondsLeft: Double?)
}

/// The time that a run will still take: estimates, scaled by how long the stages so far really took.
struct RunClock {
    private let estimates: [Double]
    private var estimated = 0.0
    private var measured = 0.0

    /// Creates a clock.
    ///
    /// - Parameter estimates: the seconds of each stage; 0 for those that are done.
    init(estimates: [Double]) { self.estimates = estimates }

    /// A stage took this long.
    mutating func finish(_ place: Int, seconds: Double) {
        estimated += estimates[place]
        measured += seconds
    }

    /// The seconds from a stage to the end; nil if nothing is left.
    func left(from place: Int) -> Double? {
        guard place < estimates.count else { return nil }
        // Short stages say nothing about the machine.
        let scale = estimated > 0 && measured > 1 ? measured / estimated : 1
        return scale * estimates[place...].reduce(0, +)
    }
}
