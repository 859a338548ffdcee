import SwiftletBytes

/// Whether a stage's outputs are what the configuration asks for.
public enum StageStatus: Sendable, Equatable {
    /// They are.
    case done
    /// The stage has not run.
    case new
    /// It was started and continues.
    case started
    /// It runs again, because of this.
    case again(String)
    /// It depends on what stages before it will make.
    case waiting(String)
    /// It cannot run, because an input is missing.
    case blocked(SwiftletError)

    /// The case, for programs: `done`, `new`, `started`, `again`, `waiting` or `blocked`.
    public var name: String {
        switch self {
        case .done: "done"
        case .new: "new"
        case .started: "started"
        case .again: "again"
        case .waiting: "waiting"
        case .blocked: "blocked"
        }
    }

    /// The status for people.
    public var text: String {
        switch self {
        case .done: "done"
        case .new: "to do"
        case .started: "to continue"
        case .again(let reason): "again: \(reason)"
        case .waiting(let reason): reason
        case .blocked(let error): "blocked: \(error.file.map { "\($0): " } ?? "")\(error.reason)"
        }
    }
}

/// A stage as a dry run shows it.
public struct PlannedStage: Sendable {
    /// The stage's place.
    public let id: StageID
    /// The kind of stage.
    public let kind: String
    /// The stages that it reads from.
    public let needs: [StageID]
    /// Whether it would run, and why.
    public let status: StageStatus
    /// What it needs.
    public let estimate: StageEstimate
    /// The seconds that it took; nil if it is not done.
    public let seconds: Double?
}
