import SwiftletBytes

extension TextTokenizer {
    /// The ids of a text and where each stands in it.
    ///
    /// - Parameters:
    ///   - text: the text; added tokens that stand in it (`<|endoftext|>`) are recognised.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are added.
    ///   - specialTokens: what special tokens are that stand in the text; nil: what the family does.
    /// - Throws: ``SwiftletError/Code/tokenizerPatternLimit``, if the tokenizer has a pattern of its
    ///   own (``notes`` says so) that tries too much to cut the text; nothing else.
    public func encode(
        _ text: String, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> Encoding {
        try withUTF8(text) { text throws(SwiftletError) in
            try encodeChecked(text, addSpecialTokens, specialTokens)
        }
    }

    /// The ids of a text alone, which is faster.
    ///
    /// - Throws: as ``encode(_:addSpecialTokens:specialTokens:)``.
    public func encodeIDs(
        _ text: String, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> [Int32] {
        try withUTF8(text) { text throws(SwiftletError) in
            try encodeIDsChecked(text, addSpecialTokens, specialTokens)
        }
    }

    /// The ids of a text in UTF-8 and where each stands in it.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset; as
    ///   ``encode(_:addSpecialTokens:specialTokens:)``.
    public func encode(
        utf8: ByteView, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> Encoding {
        try check(utf8)
        return try utf8.withUnsafeBytes { bytes throws(SwiftletError) in
            try encodeChecked(
                bytes.assumingMemoryBound(to: UInt8.self), addSpecialTokens, specialTokens)
        }
    }

    /// The ids of a text in UTF-8 alone.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset; as
    ///   ``encode(_:addSpecialTokens:specialTokens:)``.
    public func encodeIDs(
        utf8: ByteView, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> [Int32] {
        try check(utf8)
        return try utf8.withUnsafeBytes { bytes throws(SwiftletError) in
            try encodeIDsChecked(
                bytes.assumingMemoryBound(to: UInt8.self), addSpecialTokens, specialTokens)
        }
    }

    private func check(_ utf8: ByteView) throws(SwiftletError) {
        if let offset = UTF8Check.firstError(in: utf8) {
            throw SwiftletError(.notUTF8, "not UTF-8", at: "offset \(offset)")
        }
    }

    private func withUTF8<Value>(
        _ text: String, _ body: (UnsafeBufferPointer<UInt8>) throws(SwiftletError) -> Value
    ) throws(SwiftletError) -> Value {
        var text = text
        let result: Result<Value, SwiftletError> = text.withUTF8 { bytes in
            Result { () throws(SwiftletError) in try body(bytes) }
        }
        return try result.get()
    }

    // MARK: Text that is known to be UTF-8

    private func encodeIDsChecked(
        _ text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool,
        _ specialTokens: SpecialTokens?
    ) throws(SwiftletError) -> [Int32] {
        try encoders.withEncoder { encoder throws(SwiftletError) in
            var pass = EncodingPass(self, encoder, specialTokens, wantsOffsets: false)
            if addSpecialTokens { pass.append(template.before) }
            try pass.encode(text)
            if addSpecialTokens { pass.append(template.after) }
            return encoder.out.ids
        }
    }

    private func encodeChecked(
        _ text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool,
        _ specialTokens: SpecialTokens?
    ) throws(SwiftletError) -> Encoding {
        try encoders.withEncoder { encoder throws(SwiftletError) in
            var pass = EncodingPass(self, encoder, specialTokens, wantsOffsets: true)
            if addSpecialTokens { pass.append(template.before) }
            try pass.encode(text)
            if addSpecialTokens { pass.append(template.after) }
            return Encoding(ids: encoder.out.ids, offsets: pass.offsets)
        }
    }
}
