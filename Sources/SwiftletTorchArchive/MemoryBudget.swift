import SwiftletBytes

/// What reading a file may still allocate: a share of the file's length above a small floor, so
/// that no number and no trick in a file asks for more.
///
/// The interpreter's values have one budget, contiguous copies of tensors another.
struct MemoryBudget {
    /// The values of a pickle may take this much, or twice the file if that is more.
    static let valueFloor = 16 << 20
    /// Copies of tensors may take this much, or twice the file if that is more.
    static let copyFloor = 1 << 20

    private(set) var left: Int

    /// A budget for a file of `count` bytes.
    init(fileOf count: Int, floor: Int) {
        let (twice, overflow) = count.multipliedReportingOverflow(by: 2)
        left = overflow ? .max : max(twice, floor)
    }

    /// Takes `bytes`, if so many are left.
    mutating func take(_ bytes: Int) -> Bool {
        guard bytes >= 0, bytes <= left else { return false }
        left -= bytes
        return true
    }

    /// Takes `bytes` for values.
    mutating func charge(_ bytes: Int) throws(SwiftletError) {
        guard take(bytes) else {
            throw SwiftletError(
                .torchMemory, "the pickle asks for more memory than twice the file")
        }
    }
}
