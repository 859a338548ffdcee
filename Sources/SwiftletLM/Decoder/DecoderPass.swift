import RealModule
import SwiftletCompute

/// State that all layers share in one pass over a batch.
struct DecoderPass {
    let batch: TokenBatch
    let context: ComputeContext
    let workspace: Workspace
    /// Rotation angles of queries and keys; nil for families with a position table.
    let angles: RotaryAngles?
    /// Factors for each row's queries; nil if all are 1.
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

    /// The logarithm to base `length` of each position beyond `length`, counted from 1; 1 for the others.
    private static func logarithms(_ positions: [Int32], length: Int) -> [Float]? {
        guard positions.contains(where: { $0 >= length }) else { return nil }
        let base = Double.log(Double(length))
        return positions.map {
            $0 < length ? 1 : Float(Double.log(Double($0) + 1) / base)
        }
    }
}
