import CSwiftletUnicode
import SwiftletBytes

/// `Precompiled`: the rules of a SentencePiece model, as Hugging Face's tokenizers applies them.
///
/// That is not as SentencePiece does: a grapheme cluster of up to five bytes is replaced as a whole
/// by the replacement of the shortest rule that it begins with; the characters of all other
/// clusters are looked up one at a time.
struct RuleNormalizer: Sendable {
    private let rules: CharacterMap
    private static let longestCluster = 5

    /// Reads the normalizer.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` for rules that are not base64;
    ///   ``SwiftletBytes/SwiftletError/Code/sentencePieceCharacterMap``.
    init(_ fields: JSONFields) throws(SwiftletError) {
        let key = "precompiled_charsmap"
        let text = Array(try fields.required(key, fields.string).utf8)
        let bytes = GrowingBuffer<UInt8>()
        guard text.withUnsafeBufferPointer({ Base64.append($0, to: bytes) }) else {
            throw fields.failure(key, "the value is not base64")
        }
        do {
            rules = try CharacterMap(ByteView(bytes.withElements { Array($0) }))
        } catch {
            throw fields.file.map(error.inFile) ?? error
        }
    }

    /// The normalized text; nil if no rule applies.
    func changes(in text: UnsafeBufferPointer<UInt8>) -> [AlignedBytes.Change]? {
        guard let base = text.baseAddress else { return nil }
        var changes: [AlignedBytes.Change] = []
        changes.reserveCapacity(text.count)
        var isModified = false
        var position = 0
        while position < text.count {
            let end = GraphemeCluster.end(base, position, text.count)
            let cluster = UnsafeBufferPointer(rebasing: text[position..<end])
            if cluster.count <= Self.longestCluster, let start = rules.shortestMatch(cluster) {
                replace(cluster, by: start, &changes)
                isModified = true
            } else {
                var from = position
                while from < end {
                    let (code, length) = CheckedUTF8.decode(base, from, end)
                    let character = UnsafeBufferPointer(rebasing: text[from..<from + length])
                    if let start = rules.shortestMatch(character) {
                        replace(character, by: start, &changes)
                        isModified = true
                    } else {
                        changes.append(.init(code, 0))
                    }
                    from += length
                }
            }
            position = end
        }
        return isModified ? changes : nil
    }

    private func replace(
        _ old: UnsafeBufferPointer<UInt8>, by start: Int, _ changes: inout [AlignedBytes.Change]
    ) {
        var fresh: [UInt8] = []
        rules.append(replacement: start, to: &fresh)
        let scalars = String(decoding: fresh, as: UTF8.self).unicodeScalars
        for scalar in scalars { changes.append(.init(scalar.value, 0)) }
        let more = scalars.count - old.count { $0 & 0xC0 != 0x80 }
        if more > 0 {
            for index in changes.indices.suffix(more) { changes[index].change = 1 }
        } else if let last = changes.indices.last {
            changes[last].change += Int32(truncatingIfNeeded: more)
        }
    }
}
