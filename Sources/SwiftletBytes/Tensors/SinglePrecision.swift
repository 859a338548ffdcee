/// Converts elements to single precision as PyTorch's `to(torch.float32)` does: floats of other sizes,
/// integers and truth values, rounded to nearest, ties to even.
package struct SinglePrecision: Sendable {
    /// The dtype that is converted.
    package let dtype: DType
    /// The bits of the singles by byte, for floats of 8 bits.
    private let table: [UInt32]?

    /// Nil for dtypes whose elements have no single value: complex numbers, and floats of fewer than 8
    /// bits.
    package init?(_ dtype: DType) {
        switch dtype {
        case .f32, .f16, .bf16, .f64, .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64, .bool:
            table = nil
        default:
            guard let singles = EightBitFloat.singles(dtype) else { return nil }
            table = singles
        }
        self.dtype = dtype
    }

    /// Writes elements in single precision.
    ///
    /// - Parameters:
    ///   - source: whole elements, in any alignment.
    ///   - target: room for as many singles.
    /// - Returns: the number of finite values that became infinite.
    @unsafe
    package func write(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
        if let table {
            for index in source.indices { unsafe target[index] = table[Int(source[index])] }
            return 0
        }
        switch dtype {
        case .f16:
            return unsafe each(source, target, UInt16.self) { FloatFormat.widen(half: $0) }
        case .bf16:
            return unsafe each(source, target, UInt16.self) { FloatFormat.widen(bfloat: $0) }
        case .f64:
            return unsafe each(source, target, UInt64.self) { Float(Double(bitPattern: $0)) }
                - countInfinite(source)
        case .bool: return unsafe each(source, target, UInt8.self) { $0 == 0 ? 0 : 1 }
        case .i8: return unsafe each(source, target, Int8.self) { Float($0) }
        case .u8: return unsafe each(source, target, UInt8.self) { Float($0) }
        case .i16: return unsafe each(source, target, Int16.self) { Float($0) }
        case .u16: return unsafe each(source, target, UInt16.self) { Float($0) }
        case .i32: return unsafe each(source, target, Int32.self) { Float($0) }
        case .u32: return unsafe each(source, target, UInt32.self) { Float($0) }
        case .i64: return unsafe each(source, target, Int64.self) { Float($0) }
        case .u64: return unsafe each(source, target, UInt64.self) { Float($0) }
        default:
            // Singles: bits are copied, so that NaN keeps its own.
            let count = source.count / 4
            for index in 0..<count {
                let bits = unsafe source.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
                unsafe target[index] = UInt32(littleEndian: bits)
            }
            return 0
        }
    }

    /// Converts each element; returns the number of infinities.
    @unsafe @inline(__always)
    private func each<Bits: FixedWidthInteger>(
        _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableBufferPointer<UInt32>,
        _ type: Bits.Type, _ value: (Bits) -> Float
    ) -> Int {
        let size = MemoryLayout<Bits>.size
        var infinite = 0
        // In bounds: the caller gives whole elements and room for as many singles.
        for index in 0..<source.count / size {
            let bits = unsafe source.loadUnaligned(fromByteOffset: index * size, as: type)
            let single = value(Bits(littleEndian: bits))
            if single.isInfinite { infinite += 1 }
            unsafe target[index] = single.bitPattern
        }
        return dtype == .f64 ? infinite : 0
    }

    /// The number of doubles that are infinite themselves.
    @unsafe
    private func countInfinite(_ source: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for index in 0..<source.count / 8 {
            let bits = unsafe source.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
            if Double(bitPattern: UInt64(littleEndian: bits)).isInfinite { count += 1 }
        }
        return count
    }
}

extension StoredTensor {
    /// The same tensor in single precision, whose bytes are made anew by each call; itself if models
    /// can compute with its dtype as it is stored.
    ///
    /// - Returns: nil for dtypes whose elements have no single value.
    package var inSinglePrecision: StoredTensor? {
        if dtype.isWeightType { return self }
        guard let conversion = SinglePrecision(dtype) else { return nil }
        let (source, count) = (self, elementCount)
        return StoredTensor(name: name, dtype: .f32, shape: shape, file: file) {
            () throws(SwiftletError) in
            let bytes = try source.bytes
            return try unsafe ByteView(count: 4 * count) { (target) throws(SwiftletError) in
                unsafe bytes.withUnsafeBytes { raw in
                    // In bounds and aligned: the view holds `count` singles at a 64-byte boundary.
                    let singles = unsafe target.bindMemory(to: UInt32.self)
                    _ = unsafe conversion.write(raw, to: singles)
                }
            }
        }
    }
}
