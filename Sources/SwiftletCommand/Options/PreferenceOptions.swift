import ArgumentParser
import SwiftletBytes
import SwiftletTuning

/// The coefficients of `--task preference`.
struct PreferenceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "With --task preference: weight of the log-probability ratios to the starting model; "
                + "a larger one keeps the model closer to it (default: 10).", valueName: "b"))
    var beta: Double?

    @Option(
        help: ArgumentHelp(
            "With --task preference: share of pairs that are expected to be the wrong way round, "
                + "from 0 (DPO) to below 0.5 (default: 0.1).", valueName: "share"))
    var labelSmoothing: Double?

    /// Refuses the options for another task.
    func validate(isUsed: Bool) throws {
        if !isUsed, beta != nil || labelSmoothing != nil {
            throw ValidationError("--beta and --label-smoothing need --task preference")
        }
    }

    var cost: PreferenceCost {
        let standard = PreferenceCost()
        return PreferenceCost(
            beta: beta ?? standard.beta,
            labelSmoothing: labelSmoothing ?? standard.labelSmoothing)
    }
}
