import SwiftletBytes

/// Ways in which a file can be damaged, for readers that must end in values or in errors.
public enum DamagedFile {
    /// Every proper prefix.
    public static func truncations(_ bytes: [UInt8], _ body: ([UInt8]) throws -> Void) rethrows {
        for count in 0..<bytes.count { try body(Array(bytes[..<count])) }
    }

    /// The file with each byte of a range inverted, then with one bit of it turned.
    ///
    /// - Parameter step: 1 for every byte, 7 for every seventh.
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

/// Inputs that fuzzing found worth keeping: `fixtures/fuzz/<format>/`.
public enum FuzzInputs {
    /// The names of a format's inputs, sorted; without any, one that cannot be read, for a test over
    /// nothing would pass.
    public static func names(_ format: String) -> [String] {
        let names = ((try? FileSystem.names(in: folder(format))) ?? []).sorted()
        return names.isEmpty ? ["(none)"] : names
    }

    /// The bytes of an input.
    public static func bytes(_ format: String, _ name: String) throws -> [UInt8] {
        try MappedFile(path: "\(folder(format))/\(name)").bytes.copy()
    }

    private static func folder(_ format: String) -> String { TestFiles.fixture("fuzz/\(format)") }
}
