import CSwiftletKernels
import SwiftletBytes
import Synchronization

/// The range, the mean and the number of NaNs of a tensor.
public struct TensorStatistics: Sendable, Equatable {
    /// The smallest element that is not NaN; nil if there is none.
    public let min: Double?
    /// The largest element that is not NaN; nil if there is none.
    public let max: Double?
    /// The mean of the elements that are not NaN; nil if there are none.
    public let mean: Double?
    /// The number of elements that are NaN.
    public let nanCount: Int

    /// Computes the statistics of a tensor; returns nil for dtypes without arithmetic and for empty
    /// tensors.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled``, and the errors of reading the
    ///   tensor.
    public init?(_ tensor: StoredTensor) throws(SwiftletError) {
        guard ElementReader.canRead(tensor.dtype), tensor.elementCount > 0 else { return nil }
        var source = try TensorReader(tensor)
        var total = Total()
        let reader = ElementReader()
        // The kernel reads singles and 16-bit floats a few megabytes at a time; other dtypes are read
        // as doubles.
        let kernel = tensor.dtype.kernel
        let step = kernel == nil ? ElementReader.chunk : 1 << 20
        for start in stride(from: 0, to: tensor.elementCount, by: step) {
            try SwiftletError.checkCancellation()
            let range = start..<Swift.min(start + step, tensor.elementCount)
            let bytes = source.bytes(ElementReader.bytes(of: range, tensor.dtype))
            if let kernel {
                bytes.withUnsafeBytes { raw in
                    guard let base = raw.baseAddress else { return }
                    total.add(swiftlet_statistics_of(kernel, base, range.count))
                }
            } else {
                total.add(reader.read(bytes, tensor.dtype))
            }
        }
        source.finish()
        let numbers = tensor.elementCount - total.nanCount
        min = numbers > 0 ? total.smallest : nil
        max = numbers > 0 ? total.largest : nil
        mean = numbers > 0 ? total.sum / Double(numbers) : nil
        nanCount = total.nanCount
    }

    private struct Total {
        var smallest = Double.infinity
        var largest = -Double.infinity
        var sum = 0.0
        var nanCount = 0

        mutating func add(_ part: swiftlet_statistics) {
            smallest = Swift.min(smallest, Double(part.min))
            largest = Swift.max(largest, Double(part.max))
            sum += part.sum
            nanCount += part.nan_count
        }

        mutating func add(_ values: UnsafeBufferPointer<Double>) {
            var part = 0.0
            for value in values {
                if value.isNaN {
                    nanCount += 1
                    continue
                }
                if value < smallest { smallest = value }
                if value > largest { largest = value }
                part += value
            }
            sum += part
        }
    }

    /// Computes the statistics of many tensors, on several threads.
    ///
    /// - Throws: the error of the first tensor that fails.
    static func of(_ tensors: [StoredTensor]) throws(SwiftletError) -> [TensorStatistics?] {
        let next = Atomic<Int>(0)
        let results = Mutex<[Result<TensorStatistics?, SwiftletError>?]>(
            Array(repeating: nil, count: tensors.count))
        // Only the caller's thread sees that the task is cancelled; its tensor then fails.
        let hasFailed = Atomic<Bool>(false)
        ThreadTeam.run(Swift.min(ThreadTeam.processorCount, tensors.count)) {
            while !hasFailed.load(ordering: .relaxed) {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < tensors.count else { return }
                let result = Result { () throws(SwiftletError) in
                    try TensorStatistics(tensors[index])
                }
                if case .failure = result { hasFailed.store(true, ordering: .relaxed) }
                results.withLock { $0[index] = result }
            }
        }
        // Tensors are taken in order, so those without a result follow one that failed.
        var list: [TensorStatistics?] = []
        for result in results.withLock({ $0 }) { list.append(try result?.get() ?? nil) }
        return list
    }
}
