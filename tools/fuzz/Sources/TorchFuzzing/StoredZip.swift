/// Writes a zip of stored entries, each aligned to 64 bytes as `torch.save` does.
///
/// The checksums of the entries are zero, because neither PyTorch nor Swiftlet verifies them.
public struct StoredZip {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    /// Creates a zip without entries.
    public init() {}

    /// Adds an entry.
    public mutating func add(_ name: String, _ data: [UInt8]) {
        let start = bytes.count
        let name = Array(name.utf8)
        let gap = (64 - (start + 30 + name.count + 4) % 64) % 64
        let common =
            number(0, 2) + number(0, 2) + number(0, 4) + number(0, 4) + number(data.count, 4)
            + number(data.count, 4) + number(name.count, 2)
        bytes += [0x50, 0x4B, 3, 4] + number(0, 2) + common + number(gap + 4, 2) + name
        bytes += [0x46, 0x42] + number(gap, 2) + [UInt8](repeating: 0x5A, count: gap) + data
        directory += [0x50, 0x4B, 1, 2] + number(0, 2) + number(0, 2) + common + number(0, 2)
        directory += number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(start, 4)
        directory += name
        count += 1
    }

    /// The whole file.
    public func finished() -> [UInt8] {
        bytes + directory + [0x50, 0x4B, 5, 6] + number(0, 2) + number(0, 2) + number(count, 2)
            + number(count, 2) + number(directory.count, 4) + number(bytes.count, 4) + number(0, 2)
    }

    private func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
