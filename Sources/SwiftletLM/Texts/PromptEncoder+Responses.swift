import SwiftletBytes
import SwiftletText

/// A response as a model reads it after a prompt, with what each token covers.
public struct EncodedResponse: Sendable, Equatable {
    /// The tokens, the closing one last if there is one.
    public let ids: [Int32]
    /// How many bytes of ``PromptEncoder/responseBytes(_:)`` each token covers, the closing one
    /// excepted.
    public let byteLengths: [Int]

    /// Whether the last token closes the response.
    public var isClosed: Bool { ids.count > byteLengths.count }
}

extension PromptEncoder {
    /// The bytes that a response's tokens tile: one space, and the response in UTF-8.
    public static func responseBytes(_ text: String) -> [UInt8] { [0x20] + Array(text.utf8) }

    /// The text that is encoded after a prompt for a response: the response after a space, which a
    /// tokenizer with a dummy prefix inserts itself.
    ///
    /// - Throws: no input (66) when the model has no tokenizer.
    public func continuationText(of response: String) throws(SwiftletError) -> String {
        try tokenizer().insertsSpace ? response : " " + response
    }

    /// Encodes a response, which a space separates from its prompt (METHOD §6).
    ///
    /// A token that is a part of a character covers the bytes that it stands for. Where normalization
    /// makes several tokens of the same bytes, the last one covers them, and the others nothing.
    ///
    /// - Parameters:
    ///   - text: the response, without the space.
    ///   - closes: whether the closing token ends it.
    /// - Returns: the tokens, and how they tile ``responseBytes(_:)``. A tokenizer that inserts the
    ///   space makes no token of an empty response, which then is not covered.
    /// - Throws: as ``front(_:)``.
    public func response(_ text: String, closes: Bool) throws(SwiftletError) -> EncodedResponse {
        let tokenizer = try tokenizer()
        let encoding = try tokenizer.encode(
            tokenizer.insertsSpace ? text : " " + text, addSpecialTokens: false)
        let ids = try checked(encoding.ids)
        let shift = tokenizer.insertsSpace ? 1 : 0
        let end = text.utf8.count + 1
        var lengths: [Int] = []
        lengths.reserveCapacity(ids.count)
        // Each token ends where the next one begins.
        var start = 0
        for next in encoding.offsets.dropFirst() {
            let position = min(max(start, next.lowerBound + shift), end)
            lengths.append(position - start)
            start = position
        }
        if !ids.isEmpty { lengths.append(end - start) }
        return EncodedResponse(ids: closes ? try closed(ids) : ids, byteLengths: lengths)
    }
}
