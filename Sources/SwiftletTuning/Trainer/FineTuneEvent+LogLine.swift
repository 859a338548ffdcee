import SwiftletBytes

extension FineTuneEvent {
    /// The line that the log of the run gets for this event; nil if it gets none.
    package var logLine: JSONObject? {
        switch self {
        case .step(let step): step.object
        case .evaluation(let step, let result): result.object(step: step)
        default: nil
        }
    }
}
