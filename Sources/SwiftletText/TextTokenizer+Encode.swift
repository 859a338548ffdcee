import SwiftletBytes

extension TextTokenizer {
    /// The ids of a text and where each stands in it.
    ///
    /// - Parameters:
    ///   - text: the text; added tokens that stand in it (`<|endoftext|>`) are recognised.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are added.
    ///   - specialTokens: what special tokens are that stand in the text; nil: what the family does.
    public func encode(
        _ text: String, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) -> Encoding {
        withUTF8(text) { encodeChecked($0, addSpecialTokens, specialTokens) }
    }

    /// The ids of a text alone, which is faster.
    public func encodeIDs(
        _ text: String, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) -> [Int32] {
        withUTF8(text) { encodeIDsChecked($0, addSpecialTokens, specialTokens) }
    }

    /// The ids of a text in UTF-8 and where each stands in it.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset.
    public func encode(
        utf8: ByteView, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> Encoding {
        try check(utf8)
        return utf8.withUnsafeBytes {
            encodeChecked(
                $0.assumingMemoryBound(to: UInt8.self), addSpecialTokens, specialTokens)
        }
    }

    /// The ids of a text in UTF-8 alone.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset.
    public func encodeIDs(
        utf8: ByteView, addSpecialTokens: Bool = true, specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> [Int32] {
        try check(utf8)
        return utf8.withUnsafeBytes {
            encodeIDsChecked(
                $0.assumingMemoryBound(to: UInt8.self), addSpecialTokens, specialTokens)
        }
    }

    private func check(_ utf8: ByteView) throws(SwiftletError) {
        if let offset = UTF8Check.firstError(in: utf8) {
            throw SwiftletError(.notUTF8, "not UTF-8", at: "offset \(offset)")
        }
    }

    private func withUTF8<Result>(
        _ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        var text = text
        return text.withUTF8(body)
    }

    // MARK: Text that is known to be UTF-8

    private func encodeIDsChecked(
        _ text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool,
        _ specialTokens: SpecialTokens?
    ) -> [Int32] {
        encoders.withEncoder { encoder in
            var pass = EncodingPass(self, encoder, specialTokens, wantsOffsets: false)
            if addSpecialTokens { pass.append(template.before) }
            pass.encode(text)
            if addSpecialTokens { pass.append(template.after) }
            return encoder.out.ids
        }
    }

    private func encodeChecked(
        _ text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool,
        _ specialTokens: SpecialTokens?
    ) -> Encoding {
        encoders.withEncoder { encoder in
            var pass = EncodingPass(self, encoder, specialTokens, wantsOffsets: true)
            if addSpecialTokens { pass.append(template.before) }
            pass.encode(text)
            if addSpecialTokens { pass.append(template.after) }
            return Encoding(ids: encoder.out.ids, offsets: pass.offsets)
        }
    }
}
