import SwiftletBytes

extension TextTokenizer {
    /// The ids of a text and where each stands in it.
    ///
    /// - Parameters:
    ///   - text: the text; added tokens that stand in it (`<|endoftext|>`) are recognised.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are added.
    public func encode(_ text: String, addSpecialTokens: Bool = true) -> Encoding {
        withUTF8(text) { encodeChecked($0, addSpecialTokens) }
    }

    /// The ids of a text alone, which is faster.
    public func encodeIDs(_ text: String, addSpecialTokens: Bool = true) -> [Int32] {
        withUTF8(text) { encodeIDsChecked($0, addSpecialTokens) }
    }

    /// The ids of a text in UTF-8 and where each stands in it.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset.
    public func encode(utf8: ByteView, addSpecialTokens: Bool = true) throws(SwiftletError)
        -> Encoding
    {
        try check(utf8)
        return utf8.withUnsafeBytes {
            encodeChecked($0.assumingMemoryBound(to: UInt8.self), addSpecialTokens)
        }
    }

    /// The ids of a text in UTF-8 alone.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset.
    public func encodeIDs(utf8: ByteView, addSpecialTokens: Bool = true) throws(SwiftletError)
        -> [Int32]
    {
        try check(utf8)
        return utf8.withUnsafeBytes {
            encodeIDsChecked($0.assumingMemoryBound(to: UInt8.self), addSpecialTokens)
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
        _ text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool
    ) -> [Int32] {
        encoders.withEncoder { encoder in
            if addSpecialTokens { for id in template.before { encoder.out.append(id) } }
            added.split(text) { piece in
                switch piece {
                case .text(let range):
                    encoder.encode(UnsafeBufferPointer(rebasing: text[range]))
                case .token(let id, _): encoder.out.append(id)
                }
            }
            if addSpecialTokens { for id in template.after { encoder.out.append(id) } }
            return encoder.out.ids
        }
    }

    private func encodeChecked(
        _ text: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool
    ) -> Encoding {
        encoders.withEncoder { encoder in
            var offsets: [Range<Int>] = []
            if addSpecialTokens {
                for id in template.before {
                    encoder.out.append(id)
                    offsets.append(0..<0)
                }
            }
            added.split(text) { piece in
                switch piece {
                case .text(let range):
                    let first = offsets.count
                    encoder.encode(
                        UnsafeBufferPointer(rebasing: text[range]), offsets: &offsets)
                    if range.lowerBound > 0 {
                        for index in first..<offsets.count {
                            let inPiece = offsets[index]
                            offsets[index] =
                                inPiece.lowerBound + range.lowerBound..<inPiece.upperBound
                                + range.lowerBound
                        }
                    }
                case .token(let id, let range):
                    encoder.out.append(id)
                    offsets.append(range)
                }
            }
            if addSpecialTokens {
                for id in template.after {
                    encoder.out.append(id)
                    offsets.append(0..<0)
                }
            }
            return Encoding(ids: encoder.out.ids, offsets: offsets)
        }
    }
}
