import SwiftletBytes
import SwiftletText

/// The text of a continuation as its tokens come: whole characters only, special tokens left out,
/// cut at the first stop text.
struct TextAssembler {
    private var decoder: StreamingDecoder?
    /// The stop texts in UTF-8.
    private let stop: [[UInt8]]
    /// Text that is certain, handed out or not, in UTF-8.
    private var text: [UInt8] = []
    /// Where a stop text may begin that has not been found yet.
    private var searched = 0
    /// How many bytes have been handed out.
    private var handedOut = 0
    /// Whether a stop text has come.
    private(set) var stopped = false

    init(_ tokenizer: TextTokenizer?, stop: [String]) {
        decoder = tokenizer.map { StreamingDecoder($0, skipSpecialTokens: true) }
        self.stop = stop.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }

    /// The text that became certain with a token. A row of the embedding that pads it beyond the
    /// tokenizer's vocabulary stands for nothing.
    mutating func push(_ id: Int32) throws(SwiftletError) -> String {
        do throws(SwiftletError) {
            text += (try decoder?.push(id) ?? "").utf8
        } catch  where error.code == .tokenIDUnknown {
        }
        cutAtStop()
        return handOut(keeping: stopped ? 0 : held)
    }

    /// The text that was held back, once no token follows.
    mutating func finish() -> String {
        if !stopped {
            text += (decoder?.finish() ?? "").utf8
            cutAtStop()
        }
        return handOut(keeping: 0)
    }

    /// The text of a whole continuation, cut at the first stop text, and whether there was one.
    ///
    /// - Parameter ids: all its tokens, but for one that ended it.
    /// - Returns: nil as text without a tokenizer.
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
        // All but a beginning that the end of the text cuts has been seen.
        searched = max(0, text.count - (stop.map(\.count).max() ?? 0) + 1)
    }

    /// Where a stop text first begins.
    private func firstStart(of needle: [UInt8]) -> Int? {
        guard text.count >= needle.count + searched else { return nil }
        return (searched...text.count - needle.count).first { start in
            text[start] == needle[0] && text[start..<start + needle.count].elementsEqual(needle)
        }
    }

    /// Bytes at the end that may be the beginning of a stop text.
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

    private mutating func handOut(keeping held: Int) -> String {
        let end = text.count - held
        guard end > handedOut else { return "" }
        defer { handedOut = end }
        return String(decoding: text[handedOut..<end], as: UTF8.self)
    }
}
