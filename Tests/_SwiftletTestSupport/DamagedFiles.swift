import SwiftletBytes

/// Ways to damage a file.
///
/// Its reader must return values or throw, but never trap.
public enum DamagedFile {
    /// Calls `body` with every proper prefix.
    public static func truncations(_ bytes: [UInt8], _ body: ([UInt8]) throws -> Void) rethrows {
        for count in 0..<bytes.count { try body(Array(bytes[..<count])) }
    }

    /// Calls `body` with each byte of a range inverted, then with one bit of it flipped.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - range: the bytes to change.
    ///   - step: 1 for every byte, 7 for every seventh.
    ///   - body: reads the damaged file.
    public static func flips(
        _ bytes: [UInt8], in range: Range<Int>, step: Int = 1, _ body: ([UInt8]) throws -> Void
    ) rethrows {
        var changed = bytes
        for position in stride(from: range.lowerBound, to: range.upperBound, by: step) {
            for change in [255, 1 << UInt8(position % 8)] as [UInt8] {
                changed[position] = bytes[position] ^ change
                try body(changed)
            }
            changed[position] = bytes[position]
        }
    }
}

/// Inputs kept from fuzzing: `fixtures/fuzz/<format>/`.
public enum FuzzInputs {
    /// The names of a format's inputs, sorted.
    ///
    /// If there are none, a name that cannot be read, because a test without arguments would pass.
    public static func names(_ format: String) -> [String] {
        let names = ((try? FileSystem.names(in: folder(format))) ?? []).sorted()
        return names.isEmpty ? ["(none)"] : names
    }

    /// Returns the bytes of an input.
    public static func bytes(_ format: String, _ name: String) throws -> [UInt8] {
        try TestFiles.bytes("\(folder(format))/\(name)")
    }

    private static func folder(_ format: String) -> String { TestFiles.fixture("fuzz/\(format)") }
}
