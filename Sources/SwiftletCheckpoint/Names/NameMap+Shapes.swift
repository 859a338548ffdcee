import SwiftletBytes

extension NameMap {
    /// A tensor that a model has.
    struct Expected {
        var row: Row
        var layer: Int
        var shape: [Int]
    }

    /// The tensors of a model with these sizes, in the order of the rows, layer by layer.
    ///
    /// - Parameters:
    ///   - sizes: by symbol.
    ///   - head: whether the head is among them.
    /// - Returns: nil when a shape overflows.
    func expected(_ sizes: [String: Int], head: Bool) -> [Expected]? {
        var list: [Expected] = []
        for row in rows where head || row.name != tiedHead.head {
            var shape: [Int] = []
            for length in row.shape {
                guard let length = length.value(sizes) else { return nil }
                shape.append(length)
            }
            for layer in 0..<(row.isPerLayer ? sizes["layerCount"] ?? 0 : 1) {
                list.append(Expected(row: row, layer: layer, shape: shape))
            }
        }
        return list
    }

    /// The number of parameters; nil when a size in bits does not fit `Int`.
    func parameterCount(
        _ sizes: [String: Int], tiesHead: Bool, _ architecture: String?
    ) -> Int? {
        let head = !tiesHead && self.architecture(architecture).hasHead
        guard let expected = expected(sizes, head: head) else { return nil }
        var total = 0
        for tensor in expected {
            guard let count = StoredTensor.elementCount(of: tensor.shape) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(count)
            if overflow || sum > Int.max / 64 { return nil }
            total = sum
        }
        return total
    }
}
