import SwiftletBytes

extension TextTokenizer {
    /// Encodes a text.
    ///
    /// - Parameters:
    ///   - text: The text. Added tokens in it, such as `<|endoftext|>`, are recognised.
    ///   - addSpecialTokens: Whether to add the tokens that the family puts around a text.
    ///   - specialTokens: How special-token strings in the text are treated; nil for the family's
    ///     default.
    /// - Returns: The ids with their places in the text.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``, and only if the
    ///   tokenizer has a pattern without a scanner (see ``notes``) and that pattern backtracks too
    ///   much on this text; ``SwiftletBytes/SwiftletError/Code/tokenizerNormalization`` for a text
    ///   on which the steps of a `tokenizer.json` contradict one another.
    public func encode(
        _ text: String, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> Encoding {
        try encode(text, addSpecialTokens, specialTokens, wantsOffsets: true)
    }

    /// Encodes a text, and returns the ids alone, which is faster.
    ///
    /// - Throws: As ``encode(_:addSpecialTokens:specialTokens:)``.
    public func encodeIDs(
        _ text: String, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> [Int32] {
        try encode(text, addSpecialTokens, specialTokens, wantsOffsets: false).ids
    }

    /// Encodes a text in UTF-8, and returns the ids with their places in the text.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/notUTF8`` with the offset; otherwise as
    ///   ``encode(_:addSpecialTokens:specialTokens:)``.
    public func encode(
        utf8: ByteView, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> Encoding {
        try encode(utf8, addSpecialTokens, specialTokens, wantsOffsets: true)
    }

    /// Encodes a text in UTF-8, and returns the ids alone, which is faster.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/notUTF8`` with the offset; otherwise as
    ///   ``encode(_:addSpecialTokens:specialTokens:)``.
    public func encodeIDs(
        utf8: ByteView, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> [Int32] {
        try encode(utf8, addSpecialTokens, specialTokens, wantsOffsets: false).ids
    }

    // MARK: Getting at the bytes

    private func encode(
        _ text: String, _ addSpecialTokens: Bool, _ specialTokens: SpecialTokens?,
        wantsOffsets: Bool
    ) throws(SwiftletError) -> Encoding {
        var text = text
        let result: Result<Encoding, SwiftletError> = text.withUTF8 { bytes in
            Result { () throws(SwiftletError) in
                try encode(
                    checked: bytes, addSpecialTokens, specialTokens, wantsOffsets: wantsOffsets)
            }
        }
        return try result.get()
    }

    private func encode(
        _ utf8: ByteView, _ addSpecialTokens: Bool, _ specialTokens: SpecialTokens?,
        wantsOffsets: Bool
    ) throws(SwiftletError) -> Encoding {
        if let offset = UTF8Check.firstError(in: utf8) {
            throw SwiftletError(.notUTF8, "not UTF-8", at: "offset \(offset)")
        }
        return try utf8.withUnsafeBytes { bytes throws(SwiftletError) in
            try encode(
                checked: bytes.assumingMemoryBound(to: UInt8.self), addSpecialTokens,
                specialTokens, wantsOffsets: wantsOffsets)
        }
    }

    /// Encodes well-formed UTF-8; the result has offsets only if they are wanted.
    private func encode(
        checked text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool,
        _ specialTokens: SpecialTokens?, wantsOffsets: Bool
    ) throws(SwiftletError) -> Encoding {
        try encoders.withEncoder { encoder throws(SwiftletError) in
            var pass = EncodingPass(self, encoder, specialTokens, wantsOffsets: wantsOffsets)
            if addSpecialTokens { pass.append(template.before) }
            try pass.encode(text)
            if addSpecialTokens { pass.append(template.after) }
            return Encoding(ids: encoder.out.ids, offsets: pass.offsets)
        }
    }
}
