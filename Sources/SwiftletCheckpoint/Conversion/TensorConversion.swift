import CSwiftletKernels
import SwiftletBytes
import SwiftletGGUF

/// Copies tensors to a writer chunk by chunk, converting their precision if asked to.
final class TensorConversion {
    /// The number of elements of a converted chunk, chosen to fit the caches.
    private static let chunk = 1 << 15
    /// The number of bytes of a chunk that is copied as it is.
    private static let rawChunk = 1 << 22

    private let precision: TargetPrecision
    /// The dtypes that tensors get whatever the precision is, by name.
    private let fixed: [[UInt8]: DType]
    /// Whether every tensor is a parameter of a model, which transformers casts whatever its dtype is.
    private let castsIntegers: Bool
    private let wide = UnsafeMutablePointer<Float>.allocate(capacity: chunk)
    private let narrow = UnsafeMutableRawPointer.allocate(byteCount: 4 * chunk, alignment: 64)
    /// The number of finite values so far that became infinite.
    private(set) var overflowed = 0

    /// - Parameters:
    ///   - precision: the precision that tensors get.
    ///   - fixed: the dtypes that some get whatever the precision is, by their names' bytes.
    ///   - castsIntegers: whether every tensor is a parameter of a model.
    init(_ precision: TargetPrecision, fixed: [[UInt8]: DType] = [:], castsIntegers: Bool) {
        self.precision = precision
        self.fixed = fixed
        self.castsIntegers = castsIntegers
    }

    deinit {
        wide.deallocate()
        narrow.deallocate()
    }

    /// Returns the dtype that a tensor will have.
    ///
    /// The parameters of a model are all cast, as by `from_pretrained(dtype=…)`. In a file of an unknown
    /// family, integers and truth values may be indexes or masks, and keep theirs. Quantized elements
    /// become singles unless a precision is asked for.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedDType`` for complex numbers and floats
    ///   of fewer than 8 bits, and in an unknown family for floats of 8 bits, whose scales may be
    ///   elsewhere.
    func dtype(of tensor: StoredTensor) throws(SwiftletError) -> DType {
        let keeps: DType? = tensor.dtype.block == nil ? nil : .f32
        guard let target = fixed[Array(tensor.name.utf8)] ?? precision.dtype ?? keeps,
            target != tensor.dtype
        else { return tensor.dtype }
        switch tensor.dtype {
        case .f64, .f32, .f16, .bf16: return target
        case let dtype where dtype.block != nil: return target
        case .bool, .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64:
            return castsIntegers ? target : tensor.dtype
        default:
            if castsIntegers, SinglePrecision(tensor.dtype) != nil { return target }
            throw SwiftletError(
                .unsupportedDType, file: tensor.file,
                "cannot convert \(tensor.dtype.rawValue) to \(target.rawValue)",
                at: "tensor \"\(tensor.name)\"",
                hint: "keep the dtypes as they are, without --dtype")
        }
    }

    /// Writes a tensor.
    ///
    /// - Parameters:
    ///   - tensor: the tensor.
    ///   - writer: the file that it is written to.
    ///   - progress: called after each chunk, with the number of its bytes in the source.
    /// - Throws: the errors of reading and writing.
    func write(
        _ tensor: StoredTensor, to writer: any WeightFileWriter, _ progress: (Int) -> Void
    ) throws(SwiftletError) {
        let target = try dtype(of: tensor)
        let tensor = target == tensor.dtype ? tensor : tensor.inElementOrder
        var source = try TensorReader(tensor)
        let step = target == tensor.dtype ? Self.rawChunk : tensor.dtype.size(of: Self.chunk)
        for start in stride(from: 0, to: tensor.byteCount, by: step) {
            try SwiftletError.checkCancellation()
            let part = source.bytes(start..<min(start + step, tensor.byteCount))
            if target == tensor.dtype {
                try writer.write(part)
            } else {
                try convert(part, from: tensor.dtype, to: target, writer)
            }
            progress(part.count)
        }
        source.finish()
    }

    private func convert(
        _ part: ByteView, from source: DType, to target: DType, _ writer: any WeightFileWriter
    ) throws(SwiftletError) {
        let count =
            source.block.map { part.count / $0.bytes * $0.elements }
            ?? part.count / (source.bits / 8)
        part.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            if source.block != nil {
                source.widenBlocks(base, count, into: wide)
            } else if let kernel = source.kernel {
                swiftlet_widen(kernel, base, wide, count)
            } else if let conversion = SinglePrecision(source) {
                // In bounds: a chunk has at most as many elements as `wide`.
                wide.withMemoryRebound(to: UInt32.self, capacity: count) { bits in
                    overflowed += conversion.write(
                        raw, to: UnsafeMutableBufferPointer(start: bits, count: count))
                }
            }
        }
        if target == .q8_0 {
            overflowed += swiftlet_narrow_q8_0(wide, narrow, count / 32)
        } else {
            overflowed += swiftlet_narrow(target.kernel ?? SWIFTLET_F32, wide, narrow, count)
        }
        try writer.write(UnsafeRawBufferPointer(start: narrow, count: target.size(of: count)))
    }
}
