import SwiftletBytes

/// What to write instead of arguments that the parser misunderstands.
enum ArgumentHints {
    /// The hint for an option whose value begins with `-`, which the parser takes for an option.
    ///
    /// - Parameters:
    ///   - message: the parser's.
    ///   - arguments: of the command line.
    /// - Returns: nil if that is not what is wrong.
    static func hint(for message: String, _ arguments: [String]) -> String? {
        guard message.hasPrefix("Missing value for '--") else { return nil }
        for (option, value) in zip(arguments, arguments.dropFirst())
        where option.hasPrefix("--") && value.hasPrefix("-") && message.contains("'\(option) ") {
            return "a value that begins with - is given as \(quoted("\(option)=\(value)"))"
                .excerpt(of: 200).printable
        }
        return nil
    }

    /// A word as shells read it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "-=._/".unicodeScalars.contains($0)
                || ("0"..."9").contains($0)
        }
        if isPlain { return word }
        let parts = word.split(separator: "'", omittingEmptySubsequences: false)
        return "'\(parts.joined(separator: "'\\''"))'"
    }
}
