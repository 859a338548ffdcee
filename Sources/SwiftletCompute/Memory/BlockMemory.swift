/// The private memory that products need because weights are stored in blocks of quantized elements, or
/// their outputs in another order than the model's.
public struct BlockMemory: Sendable, Equatable {
    /// Bytes of the slab that a product of many rows widens at a time.
    public let slab: Int
    /// Bytes that each thread widens at a time in a product of few rows.
    public let perThread: Int
    /// Bytes for each row of a product whose results are moved to their places.
    public let perRow: Int

    /// Finds out what the largest of some weights needs; products take turns.
    ///
    /// - Parameters:
    ///   - weights: the weights that rows are multiplied by.
    ///   - precision: of the products.
    public init(_ weights: [Weight], precision: Precision) {
        let blocks = weights.filter { $0.dtype.block != nil }
        let float = MemoryLayout<Float>.stride
        slab = float * (blocks.map(ComputeContext.slabElements).max() ?? 0)
        perThread = float * (blocks.map { ComputeContext.panelElements($0, precision) }.max() ?? 0)
        perRow = float * (weights.filter { $0.storedRows != nil }.map(\.outSize).max() ?? 0)
    }
}
