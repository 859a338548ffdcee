import SwiftletBytes

/// Reads numbers, strings and values from front to back, each checked against the end of the bytes.
struct GGUFCursor {
    /// The bytes that are read.
    let view: ByteView
    /// The position of the next byte.
    private(set) var offset: Int

    private let file: String?

    /// Creates a reader that starts at an offset inside the bytes.
    init(_ view: ByteView, at offset: Int = 0, file: String?) {
        (self.view, self.offset, self.file) = (view, offset, file)
    }

    /// The number of bytes that follow.
    var remaining: Int { view.count - offset }

    /// Reads an integer.
    mutating func read<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(SwiftletError) -> Number {
        let size = MemoryLayout<Number>.size
        guard size <= remaining else {
            throw truncated("the file ends inside a number of \(size) bytes")
        }
        let place = offset
        offset += size
        return unsafe view.withUnsafeBytes { bytes in
            // In bounds by the guard.
            unsafe Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
        }
    }

    /// Reads a string: its length and its bytes.
    mutating func readString() throws(SwiftletError) -> ByteView {
        let start = offset
        let length = try read(UInt64.self)
        guard let count = Int(exactly: length), count <= remaining else {
            offset = start
            throw truncated("a string of \(length) bytes extends past the end of the file")
        }
        defer { offset += count }
        return view[offset..<offset + count]
    }

    /// Reads the kind of a value.
    mutating func readKind() throws(SwiftletError) -> GGUFKind {
        let start = offset
        let number = try read(UInt32.self)
        guard let kind = GGUFKind(rawValue: number) else {
            throw SwiftletError(
                .ggufKind, file: file, "\(number) is not the kind of a value, which are 0 to 12",
                at: "offset \(start)")
        }
        return kind
    }

    /// Reads a value of a known kind.
    mutating func readValue(_ kind: GGUFKind) throws(SwiftletError) -> GGUFValue {
        switch kind {
        case .uint8: .uint(UInt64(try read(UInt8.self)))
        case .uint16: .uint(UInt64(try read(UInt16.self)))
        case .uint32: .uint(UInt64(try read(UInt32.self)))
        case .uint64: .uint(try read(UInt64.self))
        case .int8: .int(Int64(try read(Int8.self)))
        case .int16: .int(Int64(try read(Int16.self)))
        case .int32: .int(Int64(try read(Int32.self)))
        case .int64: .int(try read(Int64.self))
        case .float32: .float(Double(Float(bitPattern: try read(UInt32.self))))
        case .float64: .float(Double(bitPattern: try read(UInt64.self)))
        case .bool: .bool(try read(UInt8.self) != 0)
        case .string: .string(try readString().copy())
        case .array: .array(try readArray(depth: 0))
        }
    }

    /// Reads an array: the kind of its elements, their number, and the elements, which are checked and
    /// passed.
    ///
    /// - Parameter depth: The number of arrays around it.
    /// - Returns: The array, whose elements are a view.
    /// - Throws: `SwiftletError` if the array is not inside the bytes.
    mutating func readArray(depth: Int) throws(SwiftletError) -> GGUFArray {
        let start = offset
        guard depth < GGUFFormat.nestingLimit else {
            throw SwiftletError(
                .ggufNesting, file: file,
                "arrays are nested more than \(GGUFFormat.nestingLimit) deep",
                at: "offset \(start)")
        }
        let kind = try readKind()
        let number = try read(UInt64.self)
        // This also bounds the work by the size of the file: no element is smaller than a byte.
        guard let count = Int(exactly: number), count <= remaining / kind.leastByteCount else {
            offset = start
            throw truncated("an array of \(number) elements extends past the end of the file")
        }
        let first = offset
        if let size = kind.byteCount {
            offset += count * size
        } else if kind == .string {
            try passStrings(count)
        } else {
            for _ in 0..<count { _ = try readArray(depth: depth + 1) }
        }
        return GGUFArray(kind: kind, count: count, elements: view[first..<offset])
    }

    /// Checks and passes strings, as ``readString()`` does.
    private mutating func passStrings(_ count: Int) throws(SwiftletError) {
        let (start, size) = (offset, view.count)
        let (end, failed) = unsafe view.withUnsafeBytes { bytes in
            var place = start
            for _ in 0..<count {
                guard size - place >= 8 else { return (place, true) }
                // In bounds by the guard.
                let length = unsafe UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                guard length <= UInt64(size - place - 8) else { return (place, true) }
                place += 8 + Int(length)
            }
            return (place, false)
        }
        offset = end
        // Reads the string again that does not fit, for its error.
        if failed { _ = try readString() }
    }

    private func truncated(_ reason: String) -> SwiftletError {
        SwiftletError(.ggufTruncated, file: file, reason, at: "offset \(offset)")
    }
}
