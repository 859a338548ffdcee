import SwiftletBytes
import SwiftletTasks
import SwiftletTuning
import SwiftletWeakToStrong

// Schedules and metrics.

/// A coefficient or a rate that changes over a run.
private enum ScheduleKind: String, CaseIterable {
    case gamma, lambda, cosine, linear
}

extension FormulaInput {
    func schedule() throws(SwiftletError) -> JSONObject {
        let kind: ScheduleKind = try choice("kind")
        let value =
            switch kind {
            case .gamma:
                CoefficientSchedule.auxiliary(
                    step: try amount("t"), total: try amount("T"), maximum: try number("max"),
                    ramp: try amount("rho"))
            case .lambda:
                CoefficientSchedule.regularizer(
                    step: try amount("t"), stepsPerEpoch: try amount("steps_per_epoch"),
                    maximum: try number("max"), annealing: try amount("anneal_epochs"))
            case .cosine, .linear:
                LearningRateSchedule(
                    shape: kind == .cosine ? .cosine : .linear, peak: try number("lr"),
                    total: try count("T")
                ).rate(after: try count("t"))
            }
        return ["value": JSONValue(finite: value)]
    }

    func performanceGap() throws(SwiftletError) -> JSONObject {
        let weak = try numbers(
            .array(try array("weak")), "weak", as: "a finite number", \.finite)
        guard !weak.isEmpty else { throw fields.failure("weak", "no weak model") }
        let gap = PerformanceGap.recovered(
            by: try number("p"), weak: weak, ceiling: try number("strong"))
        return ["value": JSONValue(finite: gap)]
    }
}
