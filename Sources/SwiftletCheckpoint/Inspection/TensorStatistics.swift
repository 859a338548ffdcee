import SwiftletBytes

/// The range and mean of a tensor's elements.
public struct TensorStatistics: Sendable, Equatable {
    /// The smallest element that is a number; nil if there is none.
    public let min: Double?
    /// The largest element that is a number; nil if there is none.
    public let max: Double?
    /// The mean of the elements that are numbers; nil if there is none.
    public let mean: Double?
    /// How many elements are NaN.
    public let nanCount: Int

    /// Reads a tensor.
    ///
    /// - Returns: nil for dtypes without arithmetic and for empty tensors.
    /// - Throws: ``SwiftletError/Code/cancelled``, and what is wrong with the bytes.
    public init?(_ tensor: StoredTensor) throws(SwiftletError) {
        guard ElementReader.canRead(tensor.dtype), tensor.elementCount > 0 else { return nil }
        let reader = ElementReader()
        var source = try TensorReader(tensor)
        var smallest = Double.infinity
        var largest = -Double.infinity
        var sum = 0.0
        var nans = 0
        for range in ElementReader.chunks(of: tensor) {
            try SwiftletError.checkCancellation()
            var part = 0.0
            for value in reader.read(
                source.bytes(ElementReader.bytes(of: range, tensor.dtype)), tensor.dtype)
            {
                if value.isNaN {
                    nans += 1
                    continue
                }
                if value < smallest { smallest = value }
                if value > largest { largest = value }
                part += value
            }
            sum += part
        }
        source.finish()
        let numbers = tensor.elementCount - nans
        min = numbers > 0 ? smallest : nil
        max = numbers > 0 ? largest : nil
        mean = numbers > 0 ? sum / Double(numbers) : nil
        nanCount = nans
    }
}
