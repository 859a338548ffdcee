import SwiftletBytes
import SwiftletText

/// The text of a continuation as its tokens come: whole characters only, special tokens left out,
/// cut at the first stop text.
struct TextAssembler {
    private var decoder: StreamingDecoder?
    private let stop: [String]
    /// Text that is certain, handed out or not.
    private var text = ""
    /// How many UTF-8 bytes have been handed out.
    private var handedOut = 0
    /// Whether a stop text has come.
    private(set) var stopped = false

    init(_ tokenizer: TextTokenizer?, stop: [String]) {
        decoder = tokenizer.map { StreamingDecoder($0, skipSpecialTokens: true) }
        self.stop = stop.filter { !$0.isEmpty }
    }

    /// The text that became certain with a token. A row of the embedding that pads it beyond the
    /// tokenizer's vocabulary stands for nothing.
    mutating func push(_ id: Int32) throws(SwiftletError) -> String {
        do throws(SwiftletError) {
            text += try decoder?.push(id) ?? ""
        } catch  where error.code == .tokenIDUnknown {
        }
        cutAtStop()
        return handOut(keeping: stopped ? 0 : held)
    }

    /// The text that was held back, once no token follows.
    mutating func finish() -> String {
        if !stopped {
            text += decoder?.finish() ?? ""
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
    var whole: String? { decoder == nil ? nil : text }

    private mutating func cutAtStop() {
        var end: String.UTF8View.Index?
        for stop in stop {
            if let start = text.utf8.firstStart(of: Array(stop.utf8)),
                end.map({ start < $0 }) ?? true
            {
                end = start
            }
        }
        guard let end else { return }
        text = String(text.utf8[..<end]) ?? text
        stopped = true
    }

    /// Bytes at the end that may be the beginning of a stop text.
    private var held: Int {
        let bytes = Array(text.utf8)
        var longest = 0
        for stop in stop {
            let stop = Array(stop.utf8)
            var length = min(stop.count - 1, bytes.count)
            while length > longest, !bytes.suffix(length).elementsEqual(stop.prefix(length)) {
                length -= 1
            }
            longest = max(longest, length)
        }
        return longest
    }

    private mutating func handOut(keeping held: Int) -> String {
        let end = text.utf8.count - held
        guard end > handedOut else { return "" }
        let part = Array(text.utf8)[handedOut..<end]
        handedOut = end
        return String(decoding: part, as: UTF8.self)
    }
}

extension String.UTF8View {
    /// Where `needle` first begins.
    fileprivate func firstStart(of needle: [UInt8]) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].starts(with: needle) { return start }
            start = index(after: start)
        }
        return nil
    }
}
