import CSwiftletKernels
import SwiftletBytes
import SwiftletGGUF

/// Reads the elements of any dtype with arithmetic as doubles, chunk by chunk.
final class ElementReader {
    /// The maximum number of elements of a chunk.
    static let chunk = 1 << 15

    private let floats = UnsafeMutablePointer<Float>.allocate(capacity: chunk)
    private let doubles = UnsafeMutablePointer<Double>.allocate(capacity: chunk)

    deinit {
        floats.deallocate()
        doubles.deallocate()
    }

    /// Whether elements of this dtype are integers, floats of at least 8 bits, or quantized in blocks.
    static func canRead(_ dtype: DType) -> Bool {
        switch dtype {
        case .f64, .f32, .f16, .bf16, .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64,
            .f8e4m3, .f8e5m2, .f8e4m3fnuz, .f8e5m2fnuz, .f8e8m0:
            true
        default: dtype.block != nil
        }
    }

    /// Reads up to ``chunk`` elements.
    ///
    /// 64-bit integers beyond 2^53 are rounded.
    ///
    /// - Parameters:
    ///   - bytes: whole elements or blocks.
    ///   - dtype: a dtype for which ``canRead(_:)`` is true.
    /// - Returns: the elements, valid until the next call.
    func read(_ bytes: ByteView, _ dtype: DType) -> UnsafeBufferPointer<Double> {
        let count =
            dtype.block.map { bytes.count / $0.bytes * $0.elements }
            ?? bytes.count / (dtype.bits / 8)
        precondition(count <= Self.chunk, "more elements than a chunk has")
        bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            if dtype.block != nil {
                dtype.widenBlocks(base, count, into: floats)
                for i in 0..<count { doubles[i] = Double(floats[i]) }
                return
            }
            if let kernel = dtype.kernel {
                swiftlet_widen(kernel, base, floats, count)
                for i in 0..<count { doubles[i] = Double(floats[i]) }
                return
            }
            switch dtype {
            case .f64: each(raw, count, UInt64.self) { Double(bitPattern: $0) }
            case .i8: each(raw, count, Int8.self) { Double($0) }
            case .u8: each(raw, count, UInt8.self) { Double($0) }
            case .i16: each(raw, count, Int16.self) { Double($0) }
            case .u16: each(raw, count, UInt16.self) { Double($0) }
            case .i32: each(raw, count, Int32.self) { Double($0) }
            case .u32: each(raw, count, UInt32.self) { Double($0) }
            case .i64: each(raw, count, Int64.self) { Double($0) }
            case .u64: each(raw, count, UInt64.self) { Double($0) }
            default:
                guard let singles = EightBitFloat.singles(dtype) else {
                    preconditionFailure("\(dtype.rawValue) has no arithmetic")
                }
                for i in 0..<count { doubles[i] = Double(Float(bitPattern: singles[Int(raw[i])])) }
            }
        }
        return UnsafeBufferPointer(start: doubles, count: count)
    }

    @inline(__always)
    private func each<Bits: FixedWidthInteger>(
        _ raw: UnsafeRawBufferPointer, _ count: Int, _ type: Bits.Type, _ value: (Bits) -> Double
    ) {
        for i in 0..<count {
            let bits = raw.loadUnaligned(fromByteOffset: i * MemoryLayout<Bits>.size, as: type)
            doubles[i] = value(Bits(littleEndian: bits))
        }
    }

    /// The positions of a tensor's chunks, in order.
    static func chunks(of tensor: StoredTensor) -> [Range<Int>] {
        stride(from: 0, to: tensor.elementCount, by: chunk).map {
            $0..<min($0 + chunk, tensor.elementCount)
        }
    }

    /// The positions of a chunk's bytes in the tensor.
    static func bytes(of range: Range<Int>, _ dtype: DType) -> Range<Int> {
        dtype.size(of: range.lowerBound)..<dtype.size(of: range.upperBound)
    }
}
