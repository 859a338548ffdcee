extension NameMap {
    /// A tensor that a model has.
    struct Expected: Sendable {
        var row: Row
        /// The layer; 0 outside the layers.
        var layer: Int
        var shape: [Int]

        /// Whether a checkpoint with this head stores it.
        func isStored(head: Head?) -> Bool { row.head == nil || row.head == head }
    }

    /// The tensors of a model in the order of the rows, layer by layer.
    ///
    /// - Parameters:
    ///   - sizes: the sizes by symbol.
    ///   - flags: the flags by name.
    ///   - head: the head that is among them.
    /// - Returns: nil if a shape overflows.
    func expected(_ sizes: [String: Int], _ flags: [String: Bool], head: Head?) -> [Expected]? {
        var list: [Expected] = []
        var layered: [(row: Row, shape: [Int])] = []
        // Consecutive rows of layers are listed together in each layer.
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
}
