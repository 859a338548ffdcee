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
    ///   - flags: by name.
    ///   - head: the head that is among them.
    /// - Returns: nil when a shape overflows.
    func expected(_ sizes: [String: Int], _ flags: [String: Bool], head: Head?) -> [Expected]? {
        var list: [Expected] = []
        var layered: [(row: Row, shape: [Int])] = []
        // Rows that follow each other come together in each layer.
        func flush() {
            for layer in 0..<(layered.isEmpty ? 0 : sizes["layerCount"] ?? 0) {
                for item in layered {
                    list.append(Expected(row: item.row, layer: layer, shape: item.shape))
                }
            }
            layered = []
        }
        for row in rows where row.head == nil || row.head == head {
            guard row.conditions.allSatisfy({ $0.holds(sizes, flags) }) else { continue }
            var shape: [Int] = []
            for length in row.shape {
                guard let length = length.value(sizes) else { return nil }
                shape.append(length)
            }
            if row.isPerLayer {
                layered.append((row, shape))
            } else {
                flush()
                list.append(Expected(row: row, layer: 0, shape: shape))
            }
        }
        flush()
        return list
    }

    /// The number of parameters; nil when a size in bits does not fit `Int`.
    func parameterCount(
        _ sizes: [String: Int], _ flags: [String: Bool], head: Head?
    ) -> Int? {
        guard let expected = expected(sizes, flags, head: head) else { return nil }
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
