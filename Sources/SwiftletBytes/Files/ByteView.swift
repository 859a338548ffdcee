/// A range of immutable bytes and the object that keeps them alive: a part of a mapped file, or of
/// memory that Swiftlet owns.
///
/// Views are cheap to copy and to slice. Reading out of bounds is a programming error and traps;
/// offsets that come from a file are checked with ``checkedSlice(offset:count:)``.
@safe
public struct ByteView: Sendable {
    /// What keeps the bytes alive.
    public let owner: any AnyObject & Sendable
    /// The number of bytes.
    public let count: Int

    /// `count` readable bytes that do not change as long as `owner` lives.
    private nonisolated(unsafe) let start: UnsafeRawPointer

    /// Creates a view.
    ///
    /// - Parameters:
    ///   - owner: keeps the memory alive.
    ///   - start: the first byte. The caller guarantees that `count` bytes from here stay readable
    ///     and unchanged as long as `owner` lives.
    ///   - count: the number of bytes.
    @unsafe
    package init(owner: any AnyObject & Sendable, start: UnsafeRawPointer, count: Int) {
        precondition(count >= 0, "a view cannot have a negative length")
        self.owner = owner
        unsafe self.start = start
        self.count = count
    }

    /// Creates a view of a copy of `bytes`.
    public init(_ bytes: [UInt8]) {
        let owner = OwnedBytes(bytes)
        // In bounds: the owner allocated exactly `bytes.count` bytes at `start`.
        unsafe self.init(owner: owner, start: owner.start, count: bytes.count)
    }

    /// Creates a view of new memory, after filling it.
    ///
    /// - Parameters:
    ///   - count: the number of bytes, all zero at first.
    ///   - fill: writes the bytes; the pointer must not escape it.
    /// - Throws: what `fill` throws.
    package init<E: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        let owner = OwnedBytes(count: count)
        // In bounds: the owner allocated exactly `count` bytes at `start`.
        try unsafe fill(UnsafeMutableRawBufferPointer(start: owner.start, count: count))
        unsafe self.init(owner: owner, start: owner.start, count: count)
    }

    /// The bytes as a span that cannot outlive this view.
    public var span: RawSpan {
        @_lifetime(borrow self)
        get {
            // In bounds by the initializer's contract.
            let span = unsafe RawSpan(_unsafeStart: start, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Calls `body` with the bytes, which must not escape it.
    public func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        defer { extendLifetime(owner) }
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The address of the bytes, for kernels whose caller holds this view while they run.
    @unsafe
    package var address: UnsafeRawPointer { unsafe start }

    /// The part at `range`, which must be within bounds.
    public subscript(range: Range<Int>) -> ByteView {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count, "the range is out of bounds")
        // In bounds by the check above.
        return unsafe ByteView(owner: owner, start: start + range.lowerBound, count: range.count)
    }

    /// The part of `count` bytes at `offset`, or nil if it is out of bounds: for numbers that come
    /// from a file.
    public func checkedSlice(offset: Int, count length: Int) -> ByteView? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
            return nil
        }
        return self[offset..<offset + length]
    }

    /// Whether the address of the first byte is a multiple of `alignment`.
    public func isAligned(to alignment: Int) -> Bool {
        unsafe UInt(bitPattern: start) % UInt(alignment) == 0
    }

    /// A copy of the bytes.
    public func copy() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }
}

/// Memory for bytes, aligned for any kernel.
@safe
private final class OwnedBytes: Sendable {
    nonisolated(unsafe) let start: UnsafeMutableRawPointer

    init(count: Int) {
        unsafe start = .allocate(byteCount: max(count, 1), alignment: 64)
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    init(_ bytes: [UInt8]) {
        unsafe start = .allocate(byteCount: max(bytes.count, 1), alignment: 64)
        // In bounds: the allocation holds bytes.count bytes.
        unsafe bytes.withUnsafeBytes { source in
            if let base = source.baseAddress {
                unsafe start.copyMemory(from: base, byteCount: source.count)
            }
        }
    }

    deinit { unsafe start.deallocate() }
}

/// Ties the lifetime of `dependent` to that of `source`, which the compiler cannot verify.
@unsafe @_unsafeNonescapableResult @_transparent
@_lifetime(borrow source)
private func _overrideLifetime<
    T: ~Copyable & ~Escapable, U: ~Copyable & ~Escapable
>(_ dependent: consuming T, borrowing source: borrowing U) -> T {
    dependent
}
