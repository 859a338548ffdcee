import CSwiftletOnig
import SwiftletBytes

/// A regular expression without a scanner, matched by Oniguruma, the library that is built into
/// Hugging Face's tokenizers.
final class GeneralPattern: @unchecked Sendable {
    /// The pattern as the file has it.
    let text: String
    // Compiled once, and only read from then on.
    private let regex: OpaquePointer

    /// Compiles a pattern.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerPatternLibraryMissing`` if Oniguruma is not
    ///   installed; ``SwiftletBytes/SwiftletError/Code/tokenizerPattern`` for a pattern that it refuses.
    init(_ text: String) throws(SwiftletError) {
        guard swiftlet_onig_is_there() else {
            throw SwiftletError(
                .tokenizerPatternLibraryMissing,
                "the pattern \(text) needs Oniguruma, which is not installed",
                hint: "install libonig (Debian: libonig5, Homebrew: oniguruma)")
        }
        var message = swiftlet_onig_message()
        let bytes = Array(text.utf8)
        // In bounds: the library reads as many bytes as there are.
        let regex = bytes.withUnsafeBufferPointer {
            swiftlet_onig_create($0.baseAddress, $0.count, &message)
        }
        guard let regex else {
            throw SwiftletError(
                .tokenizerPattern,
                "Oniguruma refuses the pattern \(text): \(Self.text(of: message))")
        }
        (self.text, self.regex) = (text, regex)
    }

    deinit { swiftlet_onig_destroy(regex) }

    /// Calls `body` with the matches in a text, from left to right.
    ///
    /// Matches do not overlap, and none is empty at the end of the one before.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` for a text that the
    ///   library gives up
    ///   on.
    func forEachMatch(
        in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) throws(SwiftletError) {
        guard let base = bytes.baseAddress else { return }
        guard bytes.count <= Int(Int32.max),
            let search = swiftlet_onig_begin(regex, base, bytes.count)
        else { throw limit("the text is too long", at: 0) }
        defer { swiftlet_onig_end(search) }
        var from = 0
        var mayBeEmpty = true
        var message = swiftlet_onig_message()
        // In bounds: from <= bytes.count, the last place where a search may begin.
        while from <= bytes.count {
            var (start, end) = (0, 0)
            let found = swiftlet_onig_next(search, from, &start, &end, &message)
            guard found >= 0 else { throw limit(Self.text(of: message), at: from) }
            guard found > 0, start >= from, start <= end, end <= bytes.count else {
                return
            }
            guard start == end else {
                body(start..<end)
                (from, mayBeEmpty) = (end, false)
                continue
            }
            // After an empty match, the search continues one character further.
            from =
                end < bytes.count
                ? end + CheckedUTF8.decode(base, end, bytes.count).length : end + 1
            if mayBeEmpty { body(start..<end) } else { mayBeEmpty = true }
        }
    }

    private func limit(_ reason: String, at offset: Int) -> SwiftletError {
        SwiftletError(
            .tokenizerPatternLimit, "the pattern \(text) cannot split this text: \(reason)",
            at: "offset \(offset)")
    }

    private static func text(of message: swiftlet_onig_message) -> String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
