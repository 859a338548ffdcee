import SwiftletBytes

extension SwiftletError.Code {
    /// The elements of this dtype have no typed view.
    public static let dtypeNotFloat = Self("dtype.notFloat", .unsupported)
}

extension StoredTensor {
    /// Calls `body` with the elements as singles: those of the file itself for an F32 tensor that
    /// lies at a suitable address, else an exact copy.
    ///
    /// - Parameter body: gets ``StoredTensor/elementCount`` elements in row-major order, which
    ///   must not escape it.
    /// - Throws: ``SwiftletError/Code/dtypeNotFloat`` for other dtypes than F32, F16 and BF16, and
    ///   as ``StoredTensor/bytes``.
    public func withFloats<R>(
        _ body: (UnsafeBufferPointer<Float>) -> R
    ) throws(SwiftletError) -> R {
        #if _endian(little)
            if dtype == .f32, isView, case let bytes = try bytes,
                bytes.isAligned(to: MemoryLayout<Float>.alignment)
            {
                return unsafe bytes.withUnsafeBytes { raw in
                    // In bounds and aligned: checked here and by the initializer.
                    let floats = unsafe raw.bindMemory(to: Float.self)
                    return unsafe body(floats)
                }
            }
        #endif
        let copy = try floats()
        return unsafe copy.withUnsafeBufferPointer { unsafe body($0) }
    }

    /// The elements as singles, exactly, in row-major order.
    ///
    /// - Throws: ``SwiftletError/Code/dtypeNotFloat`` for other dtypes than F32, F16 and BF16, and
    ///   as ``StoredTensor/bytes``.
    public func floats() throws(SwiftletError) -> [Float] {
        switch dtype {
        case .f32: try elements(UInt32.self) { Float(bitPattern: $0) }
        case .f16: try elements(UInt16.self) { HalfPrecision.widen(half: $0) }
        case .bf16: try elements(UInt16.self) { HalfPrecision.widen(bfloat: $0) }
        default:
            throw SwiftletError(
                .dtypeNotFloat, file: file,
                "\(dtype.rawValue) is none of F32, F16, BF16", at: "tensor \"\(name)\"")
        }
    }

    private func elements<Bits: FixedWidthInteger>(
        _ type: Bits.Type, _ value: (Bits) -> Float
    ) throws(SwiftletError) -> [Float] {
        unsafe try bytes.withUnsafeBytes { raw in
            let size = MemoryLayout<Bits>.size
            // In bounds: the initializer made the bytes elementCount elements of this size.
            return (0..<elementCount).map { index in
                let bits = unsafe raw.loadUnaligned(fromByteOffset: index * size, as: Bits.self)
                return value(Bits(littleEndian: bits))
            }
        }
    }
}
