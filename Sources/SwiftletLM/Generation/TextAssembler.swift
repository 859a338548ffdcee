import SwiftletBytes
import SwiftletText

/// Assembles the text of a continuation token by token: whole characters only, without special
/// tokens, cut at the first stop text.
struct TextAssembler {
    private var decoder: StreamingDecoder?
    /// The stop texts in UTF-8.
    private let stop: [[UInt8]]
    /// Text that is certain, in UTF-8, returned yet or not.
    private var text: [UInt8] = []
    /// No stop text begins before this offset.
    private var searched = 0
    /// Bytes returned so far.
    private var returned = 0
    /// Whether a stop text has been found.
    private(set) var stopped = false

    init(_ tokenizer: TextTokenizer?, stop: [String]) {
        decoder = tokenizer.map { StreamingDecoder($0, skipSpecialTokens: true) }
        self.stop = stop.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }

    /// Adds a token and returns the text that became certain.
    ///
    /// Ids beyond the tokenizer's vocabulary, which padded embeddings have, add nothing.
    mutating func push(_ id: Int32) throws(SwiftletError) -> String {
        do throws(SwiftletError) {
            text += (try decoder?.push(id) ?? "").utf8
        } catch  where error.code == .tokenIDUnknown {
        }
        cutAtStop()
        return take(keeping: stopped ? 0 : held)
    }

    /// Returns the text held back, when no more tokens follow.
    mutating func finish() -> String {
        if !stopped {
            text += (decoder?.finish() ?? "").utf8
            cutAtStop()
        }
        return take(keeping: 0)
    }

    /// Decodes a whole continuation, and cuts it at the first stop text.
    ///
    /// - Parameters:
    ///   - ids: its tokens, without a stop token that ended it.
    ///   - tokenizer: decodes the tokens; nil if no text is needed.
    ///   - stop: the stop texts.
    /// - Returns: the text, nil without a tokenizer, and whether it had a stop text.
    /// - Throws: the errors of decoding.
    static func whole(_ ids: some Sequence<Int32>, _ tokenizer: TextTokenizer?, stop: [String])
        throws(SwiftletError) -> (text: String?, stopped: Bool)
    {
        var assembler = TextAssembler(tokenizer, stop: stop)
        for id in ids where !assembler.stopped { _ = try assembler.push(id) }
        _ = assembler.finish()
        return (assembler.whole, assembler.stopped)
    }

    /// All text so far; nil without a tokenizer.
    var whole: String? { decoder == nil ? nil : String(decoding: text, as: UTF8.self) }

    private mutating func cutAtStop() {
        let starts = stop.compactMap { firstStart(of: $0) }
        if let start = starts.min() {
            text.removeLast(text.count - start)
            stopped = true
        }
        // Only a stop text that the end of the text cuts off can still be found.
        searched = max(0, text.count - (stop.map(\.count).max() ?? 0) + 1)
    }

    /// The offset of the first occurrence of a stop text.
    private func firstStart(of needle: [UInt8]) -> Int? {
        guard text.count >= needle.count + searched else { return nil }
        return (searched...text.count - needle.count).first { start in
            text[start] == needle[0] && text[start..<start + needle.count].elementsEqual(needle)
        }
    }

    /// The number of bytes at the end that may begin a stop text.
    private var held: Int {
        var longest = 0
        for stop in stop {
            var length = min(stop.count - 1, text.count)
            while length > longest, !text.suffix(length).elementsEqual(stop.prefix(length)) {
                length -= 1
            }
            longest = max(longest, length)
        }
        return longest
    }

    private mutating func take(keeping held: Int) -> String {
        let end = text.count - held
        guard end > returned else { return "" }
        defer { returned = end }
        return String(decoding: text[returned..<end], as: UTF8.self)
    }
}
