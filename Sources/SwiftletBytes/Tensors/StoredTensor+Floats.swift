extension SwiftletError.Code {
    /// Elements of this dtype cannot be read as `Float`.
    public static let dtypeNotFloat = Self("dtype.notFloat", .unsupported)
}

extension StoredTensor {
    /// Calls `body` with the elements as `Float`.
    ///
    /// An aligned F32 tensor is passed as it is stored in the file; every other tensor is copied.
    /// The conversion is exact.
    ///
    /// - Parameter body: Receives ``StoredTensor/elementCount`` elements in row-major order. The
    ///   buffer is valid only during the call.
    /// - Returns: The result of `body`.
    /// - Throws: ``SwiftletError/Code/dtypeNotFloat`` if the dtype is not F32, F16 or BF16, or an
    ///   error of ``StoredTensor/bytes``.
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

    /// Returns a copy of the elements as `Float`, converted exactly.
    ///
    /// - Returns: ``StoredTensor/elementCount`` elements in row-major order.
    /// - Throws: ``SwiftletError/Code/dtypeNotFloat`` if the dtype is not F32, F16 or BF16, or an
    ///   error of ``StoredTensor/bytes``.
    public func floats() throws(SwiftletError) -> [Float] {
        switch FloatFormat(dtype) {
        case .f32: return try elements(UInt32.self) { Float(bitPattern: $0) }
        case .f16: return try elements(UInt16.self) { FloatFormat.widen(half: $0) }
        case .bf16: return try elements(UInt16.self) { FloatFormat.widen(bfloat: $0) }
        case .f64, nil:
            throw SwiftletError(
                .dtypeNotFloat, file: file,
                "\(dtype.rawValue) is not F32, F16 or BF16", at: "tensor \"\(name)\"")
        }
    }

    private func elements<Bits: FixedWidthInteger>(
        _ type: Bits.Type, _ value: (Bits) -> Float
    ) throws(SwiftletError) -> [Float] {
        unsafe try bytes.withUnsafeBytes { raw in
            let size = MemoryLayout<Bits>.size
            // In bounds: the initializer checked that there are elementCount elements of this size.
            return (0..<elementCount).map { index in
                let bits = unsafe raw.loadUnaligned(fromByteOffset: index * size, as: Bits.self)
                return value(Bits(littleEndian: bits))
            }
        }
    }
}
