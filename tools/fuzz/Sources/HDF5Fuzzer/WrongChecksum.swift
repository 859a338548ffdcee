import SwiftletBytes

/// A wrong checksum of a structure, as reported by an error of the reader.
struct WrongChecksum {
    private let offset: Int
    private let stated: UInt32
    private let found: UInt32

    /// Whether a file may have structures with checksums: it has a superblock of version 2 or 3, or
    /// the signature of such a structure.
    static func mayBe(in bytes: [UInt8]) -> Bool {
        if bytes.count > 8, bytes[8] > 1 { return true }
        let signatures: Set<[UInt8]> = Set(["OHDR", "FRHP", "BTHD", "FAHD"].map { Array($0.utf8) })
        return stride(from: 0, to: bytes.count - 3, by: 1).contains { position in
            [0x41, 0x48, 0x52, 0x54].contains(bytes[position + 1])
                && signatures.contains(Array(bytes[position..<position + 4]))
        }
    }

    /// Takes the numbers from the text of the error ("has the checksum 12, but its bytes give 34") and
    /// from its place ("offset 56").
    init?(_ error: SwiftletError) {
        guard error.code == .hdf5Checksum else { return nil }
        let numbers = error.reason.split { !$0.isNumber }.suffix(2).compactMap { UInt32($0) }
        guard numbers.count == 2, let place = error.place,
            let offset = place.split(separator: " ").last.flatMap({ Int($0) })
        else { fatalError("the error does not give the checksums: \(error)") }
        (self.offset, stated, found) = (offset, numbers[0], numbers[1])
    }

    /// Replaces the first occurrence of the wrong checksum in the structure with the right one.
    func repair(_ bytes: inout [UInt8]) {
        var position = offset + 4
        while position + 4 <= bytes.count {
            let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[position + $1]) << (8 * $1) }
            if value == stated {
                for index in 0..<4 {
                    bytes[position + index] = UInt8(truncatingIfNeeded: found >> (8 * index))
                }
                return
            }
            position += 1
        }
    }
}
