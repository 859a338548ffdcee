import SwiftletBytes

extension StoredTensor {
    /// Returns a copy of the elements as `Float`, widened exactly or, from blocks, as the gguf package and
    /// ggml compute them.
    ///
    /// - Returns: `elementCount` elements in row-major order.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/dtypeNotFloat`` if the elements are integers or doubles,
    ///   or an error of reading the bytes.
    public func widened() throws(SwiftletError) -> [Float] {
        guard dtype.block != nil else { return try floats() }
        return BlockConversion.widen(try bytes, dtype)
    }
}
