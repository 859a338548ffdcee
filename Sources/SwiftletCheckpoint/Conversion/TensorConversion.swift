import CSwiftletKernels
import SwiftletBytes

/// Copies tensors to a writer chunk by chunk, converting their precision if asked to.
final class TensorConversion {
    /// The number of elements of a converted chunk, chosen to fit the caches.
    private static let chunk = 1 << 15
    /// The number of bytes of a chunk that is copied as it is.
    private static let rawChunk = 1 << 22

    private let precision: TargetPrecision
    /// The dtypes that tensors get whatever the precision is, by name.
    private let fixed: [[UInt8]: DType]
    private let wide = UnsafeMutablePointer<Float>.allocate(capacity: chunk)
    private let narrow = UnsafeMutableRawPointer.allocate(byteCount: 4 * chunk, alignment: 64)
    /// The number of finite values so far that became infinite.
    private(set) var overflowed = 0

    /// - Parameters:
    ///   - precision: the precision that tensors get.
    ///   - fixed: the dtypes that some get whatever the precision is, by their names' bytes.
    init(_ precision: TargetPrecision, fixed: [[UInt8]: DType] = [:]) {
        self.precision = precision
        self.fixed = fixed
    }

    deinit {
        wide.deallocate()
        narrow.deallocate()
    }

    /// Returns the dtype that a tensor will have.
    ///
    /// Integers and truth values keep theirs; quantized elements become singles unless a precision is
    /// asked for.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedDType`` for floats of 8 bits or
    ///   fewer and for complex
    ///   numbers.
    func dtype(of tensor: StoredTensor) throws(SwiftletError) -> DType {
        let keeps: DType? = tensor.dtype.block == nil ? nil : .f32
        guard let target = fixed[Array(tensor.name.utf8)] ?? precision.dtype ?? keeps,
            target != tensor.dtype
        else { return tensor.dtype }
        switch tensor.dtype {
        case .f64, .f32, .f16, .bf16: return target
        case let dtype where dtype.block != nil: return target
        case .bool, .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64: return tensor.dtype
        default:
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
            } else {
                overflowed += Self.narrow64(raw, wide, count)
            }
        }
        if target == .q8_0 {
            overflowed += swiftlet_narrow_q8_0(wide, narrow, count / 32)
        } else {
            overflowed += swiftlet_narrow(target.kernel ?? SWIFTLET_F32, wide, narrow, count)
        }
        try writer.write(UnsafeRawBufferPointer(start: narrow, count: target.size(of: count)))
    }

    /// Rounds doubles to singles, ties to even, as torch does on the way to any smaller type; returns
    /// the number of finite values that became infinite.
    private static func narrow64(
        _ raw: UnsafeRawBufferPointer, _ wide: UnsafeMutablePointer<Float>, _ count: Int
    ) -> Int {
        var overflowed = 0
        for i in 0..<count {
            let bits = raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)
            let value = Double(bitPattern: UInt64(littleEndian: bits))
            wide[i] = Float(value)
            if wide[i].isInfinite, value.isFinite { overflowed += 1 }
        }
        return overflowed
    }
}
