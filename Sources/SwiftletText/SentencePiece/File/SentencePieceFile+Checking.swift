import SwiftletBytes

extension SentencePieceFile {
    /// The names of rules that SentencePiece knows; a file with another name must contain its
    /// rules.
    private static let knownRules = [
        "", "identity", "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf", "user_defined",
    ]
    /// The number of user-defined pieces that may be prefixes of one another, which is what
    /// SentencePiece has room for.
    private static let maximumNesting = 64

    /// Checks what SentencePiece checks when it loads a model, and what it relies on without
    /// checking.
    mutating func check() throws(SwiftletError) {
        guard pieces.count < Int(Int32.max) else {
            throw SwiftletError(.sentencePieceSpec, "there are more pieces than ids")
        }
        let list = VocabularyList()
        var unknown: Int?
        var foundBytes = Set<UInt8>()
        for (id, piece) in pieces.enumerated() {
            try check(piece, id)
            piece.spelling.withUnsafeBytes {
                list.add($0.assumingMemoryBound(to: UInt8.self), id: id)
            }
            if piece.type == .unknown {
                if let unknown {
                    throw failure(piece, id, "is of type unknown, like piece \(unknown)")
                }
                unknown = id
            }
            if piece.type == .byte { foundBytes.insert(try byte(piece, id)) }
        }
        do throws(Vocabulary.Refusal) {
            vocabulary = try Vocabulary(list)
        } catch {
            throw failure(
                pieces[error.entry.id], error.entry.id,
                "is refused: \(error.text(tokenCount: pieces.count))")
        }
        guard unknown != nil else {
            throw SwiftletError(.sentencePiecePiece, "there is no piece of type unknown")
        }
        guard !hasByteFallback || foundBytes.count == 256 else {
            throw SwiftletError(
                .sentencePiecePiece,
                "byte_fallback is set, but only \(foundBytes.count) of the 256 bytes have a "
                    + "piece")
        }
        try checkNesting()
        guard normalization.characterMap.count > 0 || Self.knownRules.contains(normalization.name)
        else {
            throw SwiftletError(
                .tokenizerUnsupported,
                "the normalization rules \"\(normalization.name)\" are not in the file")
        }
        guard !hasDenormalization else {
            throw SwiftletError(
                .tokenizerUnsupported, "normalization rules for decoding are not supported")
        }
    }

    private func check(_ piece: Piece, _ id: Int) throws(SwiftletError) {
        guard piece.spelling.count > 0 else { throw failure(piece, id, "is empty") }
        guard !piece.score.isNaN else { throw failure(piece, id, "has NaN for a score") }
        // In the reference's tries, a zero byte ends a spelling.
        let isInTrie = piece.type == .userDefined || (algorithm == .unigram && piece.type.isMatched)
        if isInTrie, piece.spelling.withUnsafeBytes({ $0.contains(0) }) {
            throw failure(piece, id, "contains a zero byte")
        }
        if algorithm == .unigram, !piece.score.isFinite {
            throw failure(piece, id, "has the score \(piece.score)")
        }
        // The reference loads such a model, and then fails on every text that has the character.
        if piece.type == .control, CheckedUTF8.only(in: piece.spelling.copy()) != nil {
            throw failure(piece, id, "is a control piece of one character")
        }
    }

    /// Checks that not too many user-defined pieces are prefixes of one another.
    private func checkNesting() throws(SwiftletError) {
        // Sorted, so that a piece directly follows its prefixes.
        var above: [[UInt8]] = []
        let ordered = spellings(.userDefined).sorted {
            $0.spelling.lexicographicallyPrecedes($1.spelling)
        }
        for (spelling, id) in ordered {
            while let last = above.last, !spelling.starts(with: last) { above.removeLast() }
            above.append(spelling)
            guard above.count <= Self.maximumNesting else {
                throw failure(
                    pieces[Int(id)], Int(id),
                    "has more than \(Self.maximumNesting - 1) user-defined pieces as prefixes")
            }
        }
    }

    private func byte(_ piece: Piece, _ id: Int) throws(SwiftletError) -> UInt8 {
        guard hasByteFallback else {
            throw failure(piece, id, "is a byte, but byte_fallback is not set")
        }
        guard let byte = Self.byte(of: piece.spelling.copy()) else {
            throw failure(piece, id, "is a byte, but its spelling is not <0x00> to <0xFF>")
        }
        return byte
    }

    private func failure(_ piece: Piece, _ id: Int, _ what: String) -> SwiftletError {
        let spelling = String(decoding: piece.spelling.copy(), as: UTF8.self)
        return SwiftletError(
            .sentencePiecePiece, "piece \(id), \"\(spelling)\", \(what)",
            at: "offset \(piece.offset)")
    }
}
