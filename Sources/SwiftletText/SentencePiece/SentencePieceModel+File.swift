import SwiftletBytes

extension SentencePieceModel {
    /// Creates the model of a file.
    ///
    /// - Parameters:
    ///   - file: The file, which has been checked.
    ///   - sentencePiece: The algorithms to support.
    ///   - prefix: Where a space is inserted; nil for everywhere or nowhere, as the file says.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/sentencePieceCharacterMap``,
    ///   ``SwiftletBytes/SwiftletError/Code/sentencePieceSelfTest``, and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for an algorithm that is not
    ///   supported.
    convenience init(
        _ file: SentencePieceFile, _ sentencePiece: SentencePieceSupport,
        prefix: SentencePieceNormalizer.Prefix? = nil
    ) throws(SwiftletError) {
        let rules = file.normalization
        var normalizer = SentencePieceNormalizer()
        if rules.characterMap.count > 0 {
            do {
                normalizer.rules = try CharacterMap(rules.characterMap)
            } catch {
                throw error.at("offset \(rules.offset)")
            }
        }
        normalizer.prefix = rules.addsDummyPrefix ? .always : .never
        normalizer.whitespaceIsSuffix = file.whitespaceIsSuffix
        normalizer.removesExtraWhitespace = rules.removesExtraWhitespace
        normalizer.escapesWhitespace = rules.escapesWhitespace
        normalizer.userDefined = TokenTrie(file.spellings(.userDefined).map(\.spelling))
        let isBPE = file.algorithm == .bpe
        // Pieces that are looked up by their spelling need spaces written as ▁.
        normalizer.writesSpaceSymbol =
            rules.escapesWhitespace
            && (!isBPE || !file.spellings(.unused).isEmpty || !file.hasSpacePiece
                || file.spellings(.userDefined).contains { $0.spelling.hasSpace })
        if let prefix { normalizer.prefix = prefix }
        var bytes: [Int32: UInt8] = [:]
        for (spelling, id) in file.spellings(.byte) {
            bytes[id] = SentencePieceFile.byte(of: spelling)
        }
        let dropped: TokenJoining.DroppedSpaces =
            rules.removesExtraWhitespace ? .all : rules.addsDummyPrefix ? .one : .none
        self.init(
            file.vocabulary, normalizer, try file.algorithm(for: normalizer, sentencePiece),
            byteOfID: bytes,
            specials: Set((file.spellings(.control) + file.spellings(.unknown)).map(\.id)),
            joining: .pieces(droppingSpaces: dropped))
        guard !file.samples.isEmpty else { return }
        if prefix == nil {
            try run(file.samples)
        } else {
            // The samples are for the model with the file's own prefix.
            _ = try SentencePieceModel(file, sentencePiece)
        }
    }

    /// Encodes the samples of the file and compares the pieces with those it lists.
    private func run(_ samples: [SentencePieceFile.Sample]) throws(SwiftletError) {
        guard let encoder = makeEncoder() as? SentencePieceEncoder else { return }
        for sample in samples {
            let pieces = sample.input.withUnsafeBytes {
                encoder.pieces(of: $0.assumingMemoryBound(to: UInt8.self))
            }
            guard pieces == sample.expected.copy() else {
                throw SwiftletError(
                    .sentencePieceSelfTest,
                    "a self-test sample does not give the pieces that the file lists",
                    at: "offset \(sample.offset)")
            }
        }
    }
}

extension SentencePieceFile {
    /// The pieces of the given type.
    func spellings(_ type: PieceType) -> [(spelling: [UInt8], id: Int32)] {
        var found: [(spelling: [UInt8], id: Int32)] = []
        for (index, piece) in pieces.enumerated() where piece.type == type {
            found.append((piece.spelling.copy(), Int32(truncatingIfNeeded: index)))
        }
        return found
    }

    /// Whether ▁ is a piece that merging can start from.
    fileprivate var hasSpacePiece: Bool {
        vocabulary.id(of: Self.space).map { pieces[Int($0)].type == .normal } ?? false
    }

    /// What splits the text that `normalizer` returns into pieces.
    fileprivate func algorithm(
        for normalizer: SentencePieceNormalizer, _ sentencePiece: SentencePieceSupport
    ) throws(SwiftletError) -> SentencePieceModel.Algorithm {
        guard algorithm != .bpe else {
            return .pairs(
                PieceTables(
                    self,
                    spaceIsSymbol: normalizer.escapesWhitespace && !normalizer.writesSpaceSymbol))
        }
        // The engine gets a model without normalization. Later fields override earlier ones, so
        // these follow all others: field 3 with no rules (field 2), no dummy prefix, no spaces
        // removed and none escaped.
        let verbatim: [UInt8] = [0x1A, 8, 0x12, 0, 0x18, 0, 0x20, 0, 0x28, 0]
        let unknown = spellings(.unknown).first?.id ?? 0
        return .library(
            try sentencePiece.engine(ByteView(pieceFields + verbatim)), unknown: unknown)
    }
}

extension [UInt8] {
    /// Whether a spelling contains ▁ or a space.
    fileprivate var hasSpace: Bool {
        contains(0x20) || indices.contains { self[$0...].starts(with: SentencePieceFile.space) }
    }
}
