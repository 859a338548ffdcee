import SwiftletBytes

/// The beginning that many prompts have in common, such as instructions, computed once.
public struct SharedPrefix: Sendable {
    private let ids: [Int32]
    private let cache: CachedSequence

    /// Computes the cache of a prefix; nil for no tokens, and where a text's length changes the
    /// rotation of its first tokens, so that nothing can be shared.
    ///
    /// - Parameters:
    ///   - ids: the prefix.
    ///   - decoder: of the model.
    ///   - description: the model's.
    ///   - empty: the cache of no tokens.
    /// - Throws: the errors of `CachedDecoder.extend`.
    init?(
        _ ids: [Int32], _ decoder: CachedDecoder, _ description: DecoderDescription,
        empty: CachedSequence
    ) throws(SwiftletError) {
        guard !ids.isEmpty,
            description.rotary?.dependsOnLength(upTo: description.maximumLength) != true
        else { return nil }
        var extensions = [CachedDecoder.Extension(cache: empty, ids: ids, wanted: 0)]
        try decoder.extend(&extensions) { _, _ in }
        self.ids = ids
        cache = extensions[0].cache
    }

    /// The cache that a sequence continues from, and the tokens that it has left, at least one.
    func start(of sequence: [Int32]) -> (cache: CachedSequence, rest: [Int32])? {
        guard sequence.count > ids.count, sequence.starts(with: ids) else { return nil }
        return (cache, Array(sequence.dropFirst(ids.count)))
    }

    /// The longest beginning that all prompts have in common and that leaves two tokens of each: one
    /// to continue from after those that are given.
    ///
    /// - Parameter prompts: the prompts.
    /// - Returns: the tokens; none for fewer than two prompts, and where sharing so few would gain
    ///   nothing.
    public static func common(of prompts: [[Int32]]) -> [Int32] {
        guard prompts.count > 1, var common = prompts.first?.dropLast(2) else { return [] }
        for prompt in prompts {
            let same = zip(common, prompt.dropLast(2)).prefix { $0 == $1 }.count
            common = common.prefix(same)
        }
        return common.count < leastCount ? [] : Array(common)
    }

    /// Fewer tokens than a tile of a product has rows cost nothing.
    private static let leastCount = 16
}
