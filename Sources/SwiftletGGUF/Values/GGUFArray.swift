import SwiftletBytes

/// An array in the metadata: elements of one kind, read from the file's bytes when asked for.
///
/// Opening a file checks that the elements are within it, and makes no value for any of them, so a
/// vocabulary costs nothing until it is used.
public struct GGUFArray: Sendable {
    /// The kind of the elements.
    public let kind: GGUFKind
    /// The number of elements.
    public let count: Int
    /// The elements, which have been checked: `count` of them, and nothing else.
    let elements: ByteView

    init(kind: GGUFKind, count: Int, elements: ByteView) {
        (self.kind, self.count, self.elements) = (kind, count, elements)
    }

    /// Calls `body` with the bytes of each string, which must not escape it; not at all if the elements
    /// are no strings.
    ///
    /// - Parameter body: Receives the bytes of one string.
    /// - Throws: What `body` throws.
    public func forEachString<E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        guard kind == .string else { return }
        try unsafe elements.withUnsafeBytes { (bytes) throws(E) in
            var offset = 0
            for _ in 0..<count {
                // In bounds: `elements` consists of `count` lengths, each with as many bytes.
                let stored = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let length = Int(UInt64(littleEndian: stored))
                offset += 8
                try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
                offset += length
            }
        }
    }

    /// Returns the bytes of the strings; nil if the elements are no strings.
    public func strings() -> [[UInt8]]? {
        guard kind == .string else { return nil }
        var strings: [[UInt8]] = []
        strings.reserveCapacity(count)
        unsafe forEachString { unsafe strings.append([UInt8]($0)) }
        return strings
    }

    /// Returns the elements as integers; nil if they are no integers, or one exceeds `Int`.
    public func ints() -> [Int]? {
        switch kind {
        case .uint8: return numbers(UInt8.self) { Int($0) }
        case .int8: return numbers(Int8.self) { Int($0) }
        case .uint16: return numbers(UInt16.self) { Int($0) }
        case .int16: return numbers(Int16.self) { Int($0) }
        case .uint32: return numbers(UInt32.self) { Int($0) }
        case .int32: return numbers(Int32.self) { Int($0) }
        case .int64: return numbers(Int64.self) { Int($0) }
        case .uint64:
            let values = numbers(UInt64.self) { Int(exactly: $0) }
            return values.contains(nil) ? nil : values.compactMap(\.self)
        default: return nil
        }
    }

    /// Returns the elements as doubles, which singles are exactly; nil if they are no floats.
    public func floats() -> [Double]? {
        switch kind {
        case .float32: numbers(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: numbers(UInt64.self) { Double(bitPattern: $0) }
        default: nil
        }
    }

    /// Returns the elements as truth values; nil if they are none.
    public func booleans() -> [Bool]? {
        kind == .bool ? numbers(UInt8.self) { $0 != 0 } : nil
    }

    /// Returns the elements as arrays; nil if they are none.
    public func arrays() -> [GGUFArray]? {
        guard kind == .array else { return nil }
        var cursor = GGUFCursor(elements, file: nil)
        var arrays: [GGUFArray] = []
        for _ in 0..<count {
            // Cannot fail: the elements have been checked.
            guard let array = try? cursor.readArray(depth: 1) else { return nil }
            arrays.append(array)
        }
        return arrays
    }

    private func numbers<Bits: FixedWidthInteger, Number>(
        _ type: Bits.Type, _ value: (Bits) -> Number
    ) -> [Number] {
        unsafe elements.withUnsafeBytes { bytes in
            (0..<count).map { index in
                // In bounds: `elements` has `count` values of this size.
                let bits = unsafe bytes.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Bits>.size, as: type)
                return value(Bits(littleEndian: bits))
            }
        }
    }
}

extension GGUFArray: Equatable {
    /// Arrays are equal if their kinds and the bytes of their elements are.
    public static func == (a: GGUFArray, b: GGUFArray) -> Bool {
        guard a.kind == b.kind, a.count == b.count, a.elements.count == b.elements.count else {
            return false
        }
        return unsafe a.elements.withUnsafeBytes { left in
            unsafe b.elements.withUnsafeBytes { right in unsafe left.elementsEqual(right) }
        }
    }
}
