import SwiftletCompute

extension MachineSpeed {
    /// Measures products of many rows, and passes over memory, for about a third of a second.
    ///
    /// - Parameter context: the threads and the precision of the products.
    /// - Returns: the speed, taken from the best of a few repetitions.
    static func measured(_ context: ComputeContext) -> MachineSpeed {
        let size = 1024
        let input = Matrix(rows: 256, columns: size)
        let weight = Weight(Matrix(rows: size, columns: size), order: .outIn)
        let output = Matrix(rows: 256, columns: size)
        let operations = 2.0 * 256 * Double(size * size)
        let product = best(of: 4) { context.product(input, weight, into: output) }
        let large = Matrix(rows: 1, columns: 1 << 23)
        let bytes = Double(large.count * MemoryLayout<Float>.stride)
        let pass = best(of: 3) { _ = context.sumOfSquares(large) }
        return MachineSpeed(
            operationsPerSecond: operations / product, bytesPerSecond: bytes / pass)
    }

    private static func best(of repetitions: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        var best = Double.infinity
        for _ in 0..<repetitions { best = min(best, clock.measure(body) / .seconds(1)) }
        return max(best, 1e-9)
    }
}
