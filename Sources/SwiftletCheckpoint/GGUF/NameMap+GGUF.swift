import SwiftletBytes

extension NameMap {
    /// Returns a row's name in a GGUF file, in a layer; nil if such files do not have the tensor.
    func ggufName(_ row: Row, layer: Int) -> String? {
        row.ggufName.map { Self.filled($0, layer) }
    }

    /// Returns the row and the layer of a name in a GGUF file; nil if the family has no such name.
    func ggufMatch(_ name: String) -> (row: Row, layer: Int)? {
        guard let (pattern, layer) = Self.pattern(of: name),
            let row = rows.first(where: { $0.ggufName?.utf8.elementsEqual(pattern) == true })
        else { return nil }
        return (row, layer)
    }

    /// Returns a tensor of a GGUF file in the layout of the model's class.
    ///
    /// - Parameters:
    ///   - tensor: the tensor as llama.cpp stores it: one row per output, heads in its order.
    ///   - row: the tensor's row.
    ///   - sizes: the model's sizes by symbol.
    /// - Returns: the tensor with the model's order of rows, and transposed for a class that has one row
    ///   per input; the tensor itself if its shape does not allow that, which the comparison with the
    ///   configuration reports.
    static func modelTensor(
        _ tensor: StoredTensor, _ row: Row, _ sizes: [String: Int]
    ) -> StoredTensor {
        if let order = ggufOrder(row, sizes) {
            // The elements of a vector cannot be moved inside their blocks.
            let isVector = tensor.shape.count == 1 && tensor.dtype.block != nil
            return (isVector ? tensor.widenedBlocks : tensor).reordered(from: order) ?? tensor
        }
        return row.order == .inOut ? tensor.transposed() ?? tensor : tensor
    }

    /// Returns a tensor of a model in the layout of a GGUF file; nil if its shape does not allow that.
    static func ggufTensor(
        _ tensor: StoredTensor, _ row: Row, _ sizes: [String: Int]
    ) -> StoredTensor? {
        if let order = ggufOrder(row, sizes) { return tensor.reordered(from: order.inverse) }
        return row.order == .inOut ? tensor.transposed() : tensor
    }

    private static func ggufOrder(_ row: Row, _ sizes: [String: Int]) -> RowOrder? {
        guard let lengths = row.ggufRows?.map({ $0.value(sizes) }), lengths.count == 4,
            let outer = lengths[0], let first = lengths[1], let second = lengths[2],
            let inner = lengths[3]
        else { return nil }
        return RowOrder(outer: outer, first: first, second: second, inner: inner)
    }
}
