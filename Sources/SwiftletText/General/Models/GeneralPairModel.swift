import SwiftletBytes

/// A BPE over characters with every option of a `tokenizer.json`; byte-level files whose vocabulary
/// lacks bytes are encoded by it as well, spelled in the byte alphabet.
///
/// Results are those of `BPE` in Hugging Face's tokenizers, also where they are odd:
///
/// * a character without a token is dropped if there is no unknown token. The tokens after it then
///   move up: a token's range begins where the one before it ends;
/// * the bytes of a character come before an unknown token that was waiting to be fused.
final class GeneralPairModel: WordModel {
    /// What a character without a token becomes.
    enum Unknown: Sendable {
        /// Nothing.
        case dropped
        case token(Int32)
        /// An error, because the file names a token that its vocabulary does not have.
        case missing(String)

        /// Whether a character without a token is an error.
        var isMissing: Bool { if case .missing = self { true } else { false } }
    }

    /// The options of a model.
    struct Options: Sendable {
        var unknown = Unknown.dropped
        /// Whether neighbouring unknown characters become one token (`fuse_unk`).
        var fusesUnknown = false
        /// Whether a character without a token becomes the tokens of its bytes (`byte_fallback`), if
        /// all of them have one.
        var fallsBackToBytes = false
        /// Whether a word that is itself a token becomes that token (`ignore_merges`).
        var ignoresMerges = false
        /// What the spelling of each character but the first begins with
        /// (`continuing_subword_prefix`).
        var prefix: [UInt8] = []
        /// What the spelling of the last character ends with (`end_of_word_suffix`).
        var suffix: [UInt8] = []
    }

    let vocabulary: Vocabulary
    private let options: Options
    private let affixes: AffixedCharacters?
    private let merges: MergeTable
    /// The token that the merge of each rank makes; nil if every merge makes a longer spelling, so
    /// that no pair of a word ever makes the same token as one that was there before.
    private let results: FixedBuffer<Int32>?
    /// The ids of `<0x00>` to `<0xFF>`; -1 for those that are not tokens.
    private let byteTokens: [Int32]

    /// The number of symbols up to which all pairs are looked at before each merge.
    private static let few = 32

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens, by their spelling.
    ///   - merges: The merges in order of rank.
    ///   - options: The options.
    convenience init(
        _ vocabulary: Vocabulary, _ merges: GrowingBuffer<Merge>, _ options: Options
    ) {
        // Where tokens share an id, its length is not known.
        let grows = merges.withElements { merges in
            !vocabulary.sharesIDs
                && merges.allSatisfy {
                    // In bounds: ids are in the vocabulary.
                    vocabulary.length(of: Int($0.right)) > options.prefix.count
                }
        }
        let results: [Int32]? = merges.withElements { grows ? nil : $0.map(\.result) }
        self.init(vocabulary, MergeTable(merges), results: results, options)
    }

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens, by their spelling.
    ///   - merges: The merges.
    ///   - results: The token that the merge of each rank makes; nil if every merge makes a longer
    ///     spelling.
    ///   - options: The options.
    init(
        _ vocabulary: Vocabulary, _ merges: MergeTable, results: [Int32]? = nil,
        _ options: Options
    ) {
        self.vocabulary = vocabulary
        self.options = options
        self.merges = merges
        self.results = results.map { FixedBuffer($0, padding: -1) }
        byteTokens = options.fallsBackToBytes ? ByteTokens.ids(in: vocabulary) : []
        affixes = AffixedCharacters(
            vocabulary, prefix: options.prefix, suffix: options.suffix, byteTokens: byteTokens)
    }

    var unknown: Int32? {
        guard case .token(let id) = options.unknown else { return nil }
        return options.fallsBackToBytes && !byteTokens.contains(-1) ? nil : id
    }

    func append(
        _ word: UnsafeBufferPointer<UInt8>, to tokens: inout [(id: Int32, range: Range<Int>)]
    ) throws(SwiftletError) {
        if options.ignoresMerges, let id = vocabulary.id(of: word) {
            tokens.append((id, 0..<word.count))
            return
        }
        var symbols: [PairSymbol] = []
        symbols.reserveCapacity(word.count)
        try fill(&symbols, word)
        guard let count = UInt32(exactly: symbols.count) else {
            throw SwiftletError(
                .tokenizerWord, "a word of more than four billion characters cannot be encoded")
        }
        let isScanned = count <= Self.few && results == nil
        symbols.withUnsafeMutableBufferPointer {
            if isScanned {
                PairSymbol.mergeFew($0, merges)
            } else {
                PairSymbol.merge($0, merges, results)
            }
        }
        var position = 0
        for symbol in symbols where symbol.length > 0 {
            // A prefix or a suffix that became byte tokens is not part of the word.
            let end = min(position + symbol.length, word.count)
            tokens.append((symbol.id, position..<end))
            position = end
        }
    }

    // MARK: Symbols

    /// Appends the symbols of a word before any merge.
    private func fill(
        _ symbols: inout [PairSymbol], _ word: UnsafeBufferPointer<UInt8>
    ) throws(SwiftletError) {
        guard let base = word.baseAddress else { return }
        var unknown: PairSymbol?
        var position = 0
        while position < word.count {
            let (code, length) = CheckedUTF8.decode(base, position, word.count)
            let (isFirst, end) = (position == 0, position + length)
            let character = UnsafeBufferPointer(rebasing: word[position..<end])
            let isLast = end == word.count
            let id =
                if let affixes {
                    affixes.id(of: code, isFirst: isFirst, isLast: isLast)
                } else {
                    vocabulary.id(of: character)
                }
            position = end
            if let id {
                if let waiting = unknown { symbols.append(waiting) }
                unknown = nil
                symbols.append(PairSymbol(id: id, length: length))
            } else if options.fallsBackToBytes,
                try append(
                    bytesOf: character, isFirst: isFirst, isLast: isLast, word.count, to: &symbols)
            {
                // The bytes come before a waiting unknown token, as in the reference.
            } else {
                try add(unknownOf: length, to: &symbols, waiting: &unknown)
            }
        }
        if let unknown { symbols.append(unknown) }
        PairSymbol.link(&symbols)
    }

    /// Appends the tokens of all bytes of a character's spelling; returns false, and appends nothing,
    /// if one of them has no token.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerWord`` for a word that a prefix or a
    ///   suffix would make far longer than it is.
    private func append(
        bytesOf character: UnsafeBufferPointer<UInt8>, isFirst: Bool, isLast: Bool,
        _ wordCount: Int, to symbols: inout [PairSymbol]
    ) throws(SwiftletError) -> Bool {
        guard character.allSatisfy({ byteTokens[Int($0)] >= 0 }) else { return false }
        guard let affixes else {
            for byte in character { symbols.append(symbol(of: byte)) }
            return true
        }
        guard affixes.haveByteTokens(isFirst: isFirst, isLast: isLast) else { return false }
        let limit = (1 << 20) + 16 * wordCount
        guard symbols.count + affixes.count(isFirst: isFirst, isLast: isLast) <= limit else {
            throw SwiftletError(
                .tokenizerWord,
                "the model's prefix and suffix make more than \(limit) tokens of "
                    + "\(wordCount) bytes")
        }
        affixes.forEachByte(of: character, isFirst: isFirst, isLast: isLast) {
            symbols.append(symbol(of: $0))
        }
        return true
    }

    private func symbol(of byte: UInt8) -> PairSymbol {
        PairSymbol(id: byteTokens[Int(byte)], length: 1)
    }

    private func add(
        unknownOf length: Int, to symbols: inout [PairSymbol], waiting: inout PairSymbol?
    ) throws(SwiftletError) {
        switch options.unknown {
        case .dropped: break
        case .missing(let token):
            throw SwiftletError(
                .tokenizerWord,
                "a character is not in the vocabulary, and neither is the unknown token "
                    + "\"\(token)\"")
        case .token(let id):
            if options.fusesUnknown, let symbol = waiting {
                waiting = PairSymbol(id: id, length: symbol.length + length)
            } else {
                if let symbol = waiting { symbols.append(symbol) }
                waiting = PairSymbol(id: id, length: length)
            }
        }
    }
}

/// The tokens that stand for bytes where a vocabulary lacks a character: `<0x00>` to `<0xFF>`.
enum ByteTokens {
    /// The ids of the tokens of the 256 bytes; -1 for those that are not in the vocabulary.
    static func ids(in vocabulary: Vocabulary) -> [Int32] {
        (UInt8.min...UInt8.max).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            let spelling = "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
            return vocabulary.id(of: Array(spelling.utf8)) ?? -1
        }
    }

    /// The byte that a spelling stands for, as `ByteFallback` in tokenizers reads it: two digits, or
    /// a plus sign and one digit.
    static func byte(of spelling: ArraySlice<UInt8>) -> UInt8? {
        let bytes = Array(spelling)
        guard bytes.count == 6, bytes.starts(with: Array("<0x".utf8)), bytes[5] == 0x3E,
            let low = digit(bytes[4])
        else { return nil }
        if bytes[3] == UInt8(ascii: "+") { return low }
        return digit(bytes[3]).map { $0 << 4 | low }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
