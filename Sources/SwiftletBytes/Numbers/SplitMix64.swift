/// The generator SplitMix64 (Steele, Lea, Flood 2014; Vigna's `splitmix64.c`).
///
/// The state is a counter, so the sequence can be entered at any place without drawing the numbers
/// before it (``skip(_:)``). The first number of seed 0 is 0xE220A8397B1DCDAF.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
    /// The counter's increment: 2^64 divided by the golden ratio, made odd.
    public static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The counter; a generator created with it as its seed continues the sequence.
    public private(set) var state: UInt64

    /// Creates a generator with a seed.
    public init(seed: UInt64) { state = seed }

    /// Returns the next number.
    public mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mix(state)
    }

    /// Skips `count` numbers.
    public mutating func skip(_ count: UInt64) { state &+= Self.increment &* count }

    /// Returns the number for a state of the counter: a bijection that scatters the bits of its input.
    @inlinable
    public static func mix(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SplitMix64 {
    /// Shuffles `elements` in place (Fisher and Yates): from the last place to the second, place i is
    /// swapped with place `next() mod (i + 1)`.
    ///
    /// Swift's `shuffle(using:)` may change between releases. This order is part of what a seed means,
    /// so it must not.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for i in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(i, Int(next() % UInt64(i + 1)))
        }
    }

    /// Returns the numbers 0 to `count` - 1 in shuffled order.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }
}
