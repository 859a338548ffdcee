import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// On what, and when, a run is evaluated.
struct EvaluationPlan {
    /// Held-out examples; empty for a run without evaluation.
    let examples: any ExampleSource
    /// Steps between evaluations; one always follows the last step.
    let interval: Int

    /// Whether an evaluation follows step `step` of `totalSteps`.
    func isDue(after step: Int, of totalSteps: Int) -> Bool {
        examples.count > 0 && (step % interval == 0 || step == totalSteps)
    }
}
