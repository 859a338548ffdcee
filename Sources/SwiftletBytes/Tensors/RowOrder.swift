/// A fixed order of a matrix's rows, or of a vector's elements, that differs from the model's: two
/// neighbouring axes of the row index are exchanged.
///
/// In the model's order a row index is made of four digits, `outer`, `first`, `second` and `inner`,
/// the slowest one first; the file has the digits `second` and `first` in the other order. That
/// describes both orders in which llama.cpp differs from transformers: the pairs of elements that
/// are rotated together (`formats/gguf-models.md`), and query, key and value of GPT-NeoX's heads.
public struct RowOrder: Sendable, Equatable {
    /// The number of values of the slowest digit.
    public let outer: Int
    /// The number of values of the digit that is second in the model's order.
    public let first: Int
    /// The number of values of the digit that is third in the model's order.
    public let second: Int
    /// The number of values of the fastest digit.
    public let inner: Int

    /// Creates an order.
    ///
    /// - Returns: nil if a number is not positive or their product overflows.
    public init?(outer: Int, first: Int, second: Int, inner: Int) {
        let digits = [outer, first, second, inner]
        guard digits.allSatisfy({ $0 > 0 }), StoredTensor.elementCount(of: digits) != nil else {
            return nil
        }
        (self.outer, self.first, self.second, self.inner) = (outer, first, second, inner)
    }

    private init(_ outer: Int, _ first: Int, _ second: Int, _ inner: Int) {
        (self.outer, self.first, self.second, self.inner) = (outer, first, second, inner)
    }

    /// The number of rows.
    public var count: Int { outer * first * second * inner }

    /// The order that leads back: the model's row in a file of this order.
    public var inverse: RowOrder { RowOrder(outer, second, first, inner) }

    /// Returns the row of the file that a row of the model is.
    ///
    /// - Parameter row: less than ``count``.
    /// - Returns: the position of the same row in the file.
    @inlinable
    public func storedRow(_ row: Int) -> Int {
        let (upper, last) = row.quotientAndRemainder(dividingBy: inner)
        let (above, digit) = upper.quotientAndRemainder(dividingBy: second)
        let (block, other) = above.quotientAndRemainder(dividingBy: first)
        return ((block * second + digit) * first + other) * inner + last
    }
}
