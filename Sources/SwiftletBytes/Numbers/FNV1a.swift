/// The 64-bit FNV-1a hash (Fowler, Noll, Vo).
///
/// It is cheap and the same in every run, but collisions are easy to construct: use it to seed and to
/// recognize, not to protect.
public struct FNV1a: Sendable {
    @usableFromInline var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of the bytes added so far.
    @inlinable public var value: UInt64 { hash }

    /// Creates the hash of no bytes.
    public init() {}

    /// Creates the hash of some bytes.
    @inlinable
    public init(_ bytes: some Sequence<UInt8>) {
        self.init()
        add(bytes)
    }

    /// Adds bytes.
    @inlinable
    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }

    /// Adds a byte.
    @inlinable
    public mutating func add(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}
