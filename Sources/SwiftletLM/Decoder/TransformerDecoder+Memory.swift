import SwiftletCompute

extension TransformerDecoder {
    /// Says that matrices are stored in blocks of quantized elements, and what private memory it takes to
    /// multiply by them; nil if none is.
    ///
    /// - Parameter precision: of the products.
    /// - Returns: a sentence for the user.
    public func memoryNote(_ precision: Precision) -> String? {
        let weights = weights.multiplied
        let kinds = Set(weights.map(\.dtype).filter { $0.block != nil }.map(\.rawValue))
        guard !kinds.isEmpty else { return nil }
        let memory = BlockMemory(weights, precision: precision)
        var parts = [
            "\(Self.size(memory.slab)) of memory", "\(Self.size(memory.perThread)) for each thread",
        ]
        if memory.perRow > 0 {
            parts.append("\(Self.size(memory.perRow)) for each token of a batch")
        }
        let list = parts.dropLast().joined(separator: ", ") + " and " + parts[parts.count - 1]
        let names = kinds.sorted().joined(separator: ", ")
        return "quantized matrices (\(names)) are widened a part at a time, in up to \(list)"
    }

    /// A number of bytes, rounded up.
    private static func size(_ bytes: Int) -> String {
        let (unit, name) = bytes > 1 << 20 ? (1 << 20, "MB") : (1 << 10, "KB")
        return "\((bytes + unit - 1) / unit) \(name)"
    }
}
