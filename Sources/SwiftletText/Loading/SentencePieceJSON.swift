import SwiftletBytes

/// Reads the parts of a `tokenizer.json` that works like a SentencePiece model: characters are
/// merged, ▁ stands for a space, and `<0xNN>` for a byte.
///
/// There are two forms. In Llama 2's, the normalizer replaces spaces by ▁ and inserts one at the
/// beginning; in the later form, the pre-tokenizer `Metaspace` does.
enum SentencePieceJSON {
    /// Whether a file is of this kind: no pre-tokenizer other than Metaspace, and no ByteLevel.
    static func describes(_ fields: JSONFields) throws(SwiftletError) -> Bool {
        if try fields.fields("decoder")?.string("type") == "ByteLevel" { return false }
        guard let preTokenizer = try fields.fields("pre_tokenizer") else {
            return fields["decoder"] != nil
        }
        return try preTokenizer.string("type") == "Metaspace"
    }

    /// Reads the model.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the value of the file's key `model`.
    ///   - fields: The other keys of the file.
    ///   - file: The file's path.
    /// - Returns: The model, as SentencePiece's own file would describe it.
    /// - Throws: The errors of reading the model, and of features that are not supported.
    static func model(
        _ reader: inout JSONReader, _ fields: JSONFields, file: String
    ) throws(SwiftletError) -> SentencePieceModel {
        var normalizer = SentencePieceNormalizer()
        normalizer.prefix = .never
        normalizer.escapesWhitespace = false
        if let step = try fields.fields("normalizer") { try normalizer.read(normalizer: step) }
        var cutsBeforeSpace = false
        if let step = try fields.fields("pre_tokenizer") {
            cutsBeforeSpace = try normalizer.read(metaspace: step)
        }
        guard normalizer.prefix == .never || normalizer.escapesWhitespace else {
            throw fields.unsupported("normalizer", "Prepend without replacing spaces")
        }
        let tables = try TokenizerFileModel.read(&reader, isByteLevel: false, file: file)
        let bytes = try byteTokens(tables)
        let joining = try joining(fields, readsBytes: bytes != nil)
        return SentencePieceModel(
            tables.vocabulary, normalizer,
            .pairs(
                try pieces(
                    tables, bytes, spaceIsSymbol: normalizer.escapesWhitespace,
                    cutsBeforeSpace: cutsBeforeSpace)),
            byteOfID: byteOfID(bytes), joining: joining)
    }

    private static func byteOfID(_ bytes: [Int32]?) -> [Int32: UInt8] {
        var byteOfID: [Int32: UInt8] = [:]
        for (byte, id) in (bytes ?? []).enumerated() { byteOfID[id] = UInt8(byte) }
        return byteOfID
    }

    // MARK: Model

    /// The ids of the tokens of the 256 bytes; nil if the model has no byte fallback.
    private static func byteTokens(_ tables: BytePairTables) throws(SwiftletError) -> [Int32]? {
        guard let settings = tables.settings else { return nil }
        if try settings.bool("ignore_merges") == true {
            throw settings.unsupported(
                "ignore_merges", "true for texts that are not split into words")
        }
        guard try settings.bool("byte_fallback") == true else { return nil }
        var ids: [Int32] = []
        for byte in UInt8.min...UInt8.max {
            let digits = String(byte, radix: 16, uppercase: true)
            let spelling = "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
            guard let id = tables.vocabulary.id(of: Array(spelling.utf8)) else {
                throw settings.unsupported("byte_fallback", "a vocabulary without \(spelling)")
            }
            ids.append(id)
        }
        return ids
    }

    private static func pieces(
        _ tables: BytePairTables, _ bytes: [Int32]?, spaceIsSymbol: Bool, cutsBeforeSpace: Bool
    ) throws(SwiftletError) -> PieceTables {
        let vocabulary = tables.vocabulary
        var builder = PieceTablesBuilder(
            vocabulary, spaceIsSymbol: spaceIsSymbol, cutsBeforeSpace: cutsBeforeSpace)
        for id in 0..<vocabulary.count {
            if let spelling = vocabulary.token(of: id)?.bytes,
                let code = CheckedUTF8.only(in: spelling)
            {
                builder.add(character: code, id: Int32(truncatingIfNeeded: id))
            }
        }
        var isByte = [Bool](repeating: false, count: vocabulary.count)
        for id in bytes ?? [] { isByte[Int(id)] = true }
        try tables.merges.withElements { merges throws(SwiftletError) in
            for (index, merge) in merges.enumerated() {
                // A byte is part of a character, and any byte may follow it.
                guard !isByte[Int(merge.left)], !isByte[Int(merge.right)] else {
                    throw SwiftletError(
                        .tokenizerUnsupported, file: tables.settings?.file,
                        "a merge of byte tokens is not supported", at: "model.merges \(index)")
                }
                guard let spelling = vocabulary.token(of: Int(merge.result))?.bytes else {
                    continue
                }
                builder.add(merged: spelling)
            }
        }
        return builder.build(
            MergeTable(tables.merges), bytes: bytes,
            unknown: try unknown(tables, isNeeded: bytes == nil))
    }

    /// The id of the token for unknown characters.
    private static func unknown(
        _ tables: BytePairTables, isNeeded: Bool
    ) throws(SwiftletError) -> Int32 {
        guard isNeeded, let settings = tables.settings else { return 0 }
        guard let token = try settings.string("unk_token") else {
            throw settings.unsupported("unk_token", "dropping unknown characters")
        }
        guard let id = tables.vocabulary.id(of: Array(token.utf8)) else {
            throw settings.failure("unk_token", "\"\(token)\" is not in the vocabulary")
        }
        guard try settings.bool("fuse_unk") == true else {
            throw settings.unsupported("fuse_unk", "one token per unknown character")
        }
        return id
    }

    // MARK: Decoder

    private static func joining(
        _ fields: JSONFields, readsBytes: Bool
    ) throws(SwiftletError) -> TokenJoining {
        guard let decoder = try fields.fields("decoder") else {
            throw fields.unsupported("decoder", "a tokenizer without a decoder")
        }
        var steps =
            try decoder.string("type") == "Sequence"
            ? try decoder.list("decoders") ?? [] : [decoder]
        func take(_ type: String) throws(SwiftletError) -> JSONFields? {
            guard let step = steps.first, try step.string("type") == type else { return nil }
            return steps.removeFirst()
        }
        if let metaspace = try take("Metaspace") {
            try metaspace.checkSpaceSymbol("replacement")
            guard steps.isEmpty, !readsBytes else {
                throw metaspace.unsupported("type", "Metaspace before other decoders")
            }
            let scheme = try metaspace.prependScheme()
            return .pieces(droppingSpaces: scheme == .never ? .none : .ofFirstToken)
        }
        guard let replace = try take("Replace") else {
            throw decoder.unsupported("type", "a decoder that keeps ▁")
        }
        try replace.checkSpaceSymbol(pattern: "pattern")
        guard try replace.string("content") == " " else {
            throw replace.unsupported("content", "replacing ▁ by anything but a space")
        }
        guard try take("ByteFallback") != nil || !readsBytes else {
            throw decoder.unsupported("type", "a decoder that keeps byte tokens")
        }
        let isFused = try take("Fuse") != nil
        var dropped = TokenJoining.DroppedSpaces.none
        if let strip = try take("Strip") {
            guard isFused, try strip.string("content") == " ", strip["stop"]?.int == 0,
                let start = strip["start"]?.int, (0...1).contains(start)
            else {
                throw strip.unsupported("type", "stripping anything but one space at the start")
            }
            if start == 1 { dropped = .one }
        }
        if let more = steps.first {
            throw more.unsupported("type", try more.string("type") ?? "a decoder without a type")
        }
        return .pieces(droppingSpaces: dropped)
    }
}

extension SentencePieceNormalizer {
    /// Reads Prepend of ▁ and Replace of spaces by ▁, alone or in a Sequence.
    fileprivate mutating func read(normalizer step: JSONFields) throws(SwiftletError) {
        switch try step.string("type") {
        case "Sequence":
            for inner in try step.list("normalizers") ?? [] { try read(normalizer: inner) }
        case "Prepend":
            try step.checkSpaceSymbol("prepend")
            guard prefix == .never else { throw step.unsupported("type", "more than one Prepend") }
            prefix = .always
        case "Replace":
            guard try step.fields("pattern")?.string("String") == " " else {
                throw step.unsupported("pattern", "replacing anything but a space")
            }
            try step.checkSpaceSymbol("content")
            escapesWhitespace = true
        case let type:
            throw step.unsupported("type", type ?? "a normalizer without a type")
        }
    }

    /// Reads Metaspace, and returns whether a word ends before every ▁.
    fileprivate mutating func read(metaspace step: JSONFields) throws(SwiftletError) -> Bool {
        try step.checkSpaceSymbol("replacement")
        let scheme = try step.prependScheme()
        // With Prepend, every stretch begins with ▁ already.
        if prefix == .never {
            prefix = scheme
            prefixSparesSpaces = true
        }
        escapesWhitespace = true
        return try step.bool("split") ?? true
    }
}

extension JSONFields {
    /// Refuses any value but ▁.
    fileprivate func checkSpaceSymbol(_ key: String) throws(SwiftletError) {
        let symbol = try string(key)
        guard symbol == "\u{2581}" else {
            throw unsupported(key, "\"\(symbol ?? "")\" in place of a space")
        }
    }

    /// Refuses any pattern but ▁.
    fileprivate func checkSpaceSymbol(pattern key: String) throws(SwiftletError) {
        try required(key, fields).checkSpaceSymbol("String")
    }

    /// Where Metaspace inserts a ▁.
    fileprivate func prependScheme() throws(SwiftletError) -> SentencePieceNormalizer.Prefix {
        switch try metaspacePrefix() {
        case .first: .first
        case .never: .never
        case .always: .always
        }
    }
}
