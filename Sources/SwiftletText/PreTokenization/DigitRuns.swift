/// How runs of digits are cut.
enum DigitRuns: Int, Sendable {
    /// One digit per word: Qwen, StarCoder.
    case one = 1
    /// Up to three digits per word, from the left: Llama 3, and cl100k itself.
    case three = 3
    /// A run is one word.
    case all = 0

    /// The largest number of digits after the first in a word.
    @inline(__always)
    var more: Int { self == .all ? .max : rawValue - 1 }

    /// The digits that begin a word; a run begins a word wherever it begins.
    @inline(__always)
    func starts(_ digits: UInt64) -> UInt64 {
        switch self {
        case .one: digits
        case .three: Self.everyThird(digits)
        case .all: digits & ~(digits &<< 1)
        }
    }

    /// The first, fourth, seventh … bit of each run.
    @inline(__always)
    private static func everyThird(_ runs: UInt64) -> UInt64 {
        var starts = runs & ~(runs &<< 1)
        let inside = runs & (runs &<< 1) & (runs &<< 2) & (runs &<< 3)
        var fresh = (starts &<< 3) & inside
        while fresh != 0 {
            starts |= fresh
            fresh = (fresh &<< 3) & inside
        }
        return starts
    }
}
