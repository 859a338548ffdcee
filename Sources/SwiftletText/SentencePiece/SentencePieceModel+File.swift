import SwiftletBytes

extension SentencePieceModel {
    /// The model of a file.
    ///
    /// - Parameters:
    ///   - file: the file, checked.
    ///   - prefix: where a space is put in front; nil: everywhere if the file says so.
    /// - Throws: ``SwiftletError/Code/sentencePieceCharacterMap``,
    ///   ``SwiftletError/Code/sentencePieceSelfTest``, and ``SwiftletError/Code/tokenizerUnsupported``
    ///   for an algorithm that needs an engine when none was announced.
    convenience init(
        _ file: SentencePieceFile, prefix: SentencePieceNormalizer.Prefix? = nil
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
        // Where pieces are looked up by their spelling, spaces must be written as pieces have them.
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
            file.vocabulary, normalizer, try file.algorithm(for: normalizer), byteOfID: bytes,
            specials: Set((file.spellings(.control) + file.spellings(.unknown)).map(\.id)),
            joining: .pieces(droppingSpaces: dropped))
        guard !file.samples.isEmpty else { return }
        if prefix == nil {
            try run(file.samples)
        } else {
            // The samples are of the model as the file has it.
            _ = try SentencePieceModel(file)
        }
    }

    /// Encodes the file's samples and compares.
    private func run(_ samples: [SentencePieceFile.Sample]) throws(SwiftletError) {
        guard let encoder = makeEncoder() as? SentencePieceEncoder else { return }
        for sample in samples {
            let pieces = sample.input.withUnsafeBytes {
                encoder.pieces(of: $0.assumingMemoryBound(to: UInt8.self))
            }
            guard pieces == sample.expected.copy() else {
                throw SwiftletError(
                    .sentencePieceSelfTest,
                    "a sample of the file gives other pieces than the file says",
                    at: "offset \(sample.offset)")
            }
        }
    }
}

extension SentencePieceFile {
    /// The pieces of a type.
    func spellings(_ type: PieceType) -> [(spelling: [UInt8], id: Int32)] {
        var found: [(spelling: [UInt8], id: Int32)] = []
        for (index, piece) in pieces.enumerated() where piece.type == type {
            found.append((piece.spelling.copy(), Int32(truncatingIfNeeded: index)))
        }
        return found
    }

    /// Whether ▁ is a piece that merging begins with.
    fileprivate var hasSpacePiece: Bool {
        vocabulary.id(of: Self.space).map { pieces[Int($0)].type == .normal } ?? false
    }

    /// What cuts text that `normalizer` has made ready.
    fileprivate func algorithm(
        for normalizer: SentencePieceNormalizer
    ) throws(SwiftletError) -> SentencePieceModel.Algorithm {
        guard algorithm != .bpe else {
            return .pairs(
                PieceTables(
                    self,
                    spaceIsSymbol: normalizer.escapesWhitespace && !normalizer.writesSpaceSymbol))
        }
        // A model without normalization: fields that come later count, so these follow all others.
        // Field 3: no rules (field 2), no dummy prefix, no spaces removed, none escaped.
        let verbatim: [UInt8] = [0x1A, 8, 0x12, 0, 0x18, 0, 0x20, 0, 0x28, 0]
        let unknown = spellings(.unknown).first?.id ?? 0
        return .library(
            try SentencePieceEngines.make(ByteView(pieceFields + verbatim)), unknown: unknown)
    }
}

extension [UInt8] {
    /// Whether ▁ or a space is in a spelling.
    fileprivate var hasSpace: Bool {
        contains(0x20) || indices.contains { self[$0...].starts(with: SentencePieceFile.space) }
    }
}
