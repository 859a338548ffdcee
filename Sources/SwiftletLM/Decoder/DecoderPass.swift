import RealModule
import SwiftletCompute

/// What all layers share in one pass over a batch.
struct DecoderPass {
    let batch: TokenBatch
    let context: ComputeContext
    let workspace: Workspace
    /// By how much queries and keys are turned; nil for families with a table of positions.
    let angles: RotaryAngles?
    /// What each row's queries are multiplied with; nil where that is 1 for all.
    let queryFactors: [Float]?

    init(
        _ batch: TokenBatch, _ description: DecoderDescription, _ context: ComputeContext,
        _ workspace: Workspace
    ) {
        self.batch = batch
        self.context = context
        self.workspace = workspace
        angles = description.rotary.map { RotaryAngles($0, batch, context, workspace) }
        queryFactors = description.wiring.logarithmicScalingLength.flatMap {
            Self.logarithms(batch.positions, length: $0)
        }
    }

    /// log p to the base of a length for positions p, counted from 1, beyond that length.
    private static func logarithms(_ positions: [Int32], length: Int) -> [Float]? {
        guard positions.contains(where: { $0 >= length }) else { return nil }
        let base = Double.log(Double(length))
        return positions.map {
            $0 < length ? 1 : Float(Double.log(Double($0) + 1) / base)
        }
    }
}
