import SwiftletBytes

/// Encodes stretches of text between added tokens through the general path.
final class GeneralEncoder: StretchEncoder {
    let out = IDBuffer(capacity: 4096)
    private let model: GeneralTokenModel

    init(_ model: GeneralTokenModel) { self.model = model }

    func reset() { out.removeAll() }

    func encode(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) throws(SwiftletError) {
        var offsets: [Range<Int>] = []
        try encode(text, isFirst: isFirst, offsets: &offsets)
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) throws(SwiftletError) {
        guard !text.isEmpty else { return }
        var tokens: [(id: Int32, range: Range<Int>)] = []
        try model.words.append(text, to: &tokens)
        for token in tokens {
            out.append(token.id)
            offsets.append(token.range)
        }
    }
}
