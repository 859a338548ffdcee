import SwiftletBytes

/// The number of bytes that reading a file may still allocate.
///
/// It is proportional to the size of the file, with a floor for small files, so that the contents
/// of a file cannot demand more. Pickle values and contiguous copies of tensors have separate
/// budgets.
struct MemoryBudget {
    /// The minimum budget for the values of a pickle.
    static let valueFloor = 16 << 20
    /// The minimum budget for copies of tensors.
    static let copyFloor = 1 << 20

    private(set) var remaining: Int

    /// Creates a budget of twice `count`, the size of the file, but at least `floor`.
    init(fileOf count: Int, floor: Int) {
        let (twice, overflow) = count.multipliedReportingOverflow(by: 2)
        remaining = overflow ? .max : max(twice, floor)
    }

    /// Takes `bytes` from the budget; returns false, taking nothing, if fewer remain.
    mutating func take(_ bytes: Int) -> Bool {
        guard bytes >= 0, bytes <= remaining else { return false }
        remaining -= bytes
        return true
    }

    /// Takes `bytes` for pickle values from the budget.
    mutating func charge(_ bytes: Int) throws(SwiftletError) {
        guard take(bytes) else {
            throw SwiftletError(
                .torchMemory, "the pickle needs more memory than a file of this size may use")
        }
    }
}
