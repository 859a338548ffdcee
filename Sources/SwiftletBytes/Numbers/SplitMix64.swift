/// The generator SplitMix64 (Steele, Lea, Flood 2014; Vigna's `splitmix64.c`).
///
/// The state is a counter, so the numbers from any place of the sequence can be had without those
/// before it (``skip(_:)``). Seed 0 gives 0xE220A8397B1DCDAF first.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
    /// What the counter grows by: 2^64 divided by the golden ratio, odd.
    public static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The counter: a generator made from it goes on where this one is.
    public private(set) var state: UInt64

    /// Creates the generator of a seed.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mix(state)
    }

    /// Passes over `count` numbers at once.
    public mutating func skip(_ count: UInt64) { state &+= Self.increment &* count }

    /// The output for one state of the counter: a bijection that scatters its input's bits.
    @inlinable
    public static func mix(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SplitMix64 {
    /// Shuffles `elements` in place: Fisher and Yates from the last place to the second, place i
    /// trading with place `next() mod (i + 1)`.
    ///
    /// Swift's own `shuffle(using:)` may change its algorithm between releases; this one is part
    /// of what a seed means.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for i in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(i, Int(next() % UInt64(i + 1)))
        }
    }

    /// The numbers 0 to `count` - 1 in shuffled order.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }
}
