import SwiftletBytes

/// Which algorithms of SentencePiece a tokenizer can use.
///
/// SwiftletText implements BPE itself and needs nothing installed. The other algorithms come from
/// libsentencepiece, in a module that links it: `SwiftletSentencePiece` adds the value `library`,
/// and a `TextTokenizer(path:)` that passes it. So which algorithms are there follows from what a
/// file imports, and no state is shared by the process.
///
/// ```swift
/// let tokenizer = try TextTokenizer(path: "unigram/tokenizer.model", sentencePiece: .library)
/// ```
public struct SentencePieceSupport: Sendable {
    /// Creates an engine from the bytes of a model file, which have been checked as a whole and ask
    /// for no normalization.
    public typealias MakeEngine =
        @Sendable (ByteView) throws(SwiftletError) -> any SentencePieceEngine

    private let makeEngine: MakeEngine?

    /// BPE alone.
    public static let builtIn = SentencePieceSupport(makeEngine: nil)

    /// BPE, and all other algorithms with the engines that `makeEngine` creates.
    public init(makeEngine: @escaping MakeEngine) { self.init(makeEngine: .some(makeEngine)) }

    private init(makeEngine: MakeEngine?) { self.makeEngine = makeEngine }

    /// The engine of a model file whose algorithm is not BPE.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` if there is none.
    func engine(_ file: ByteView) throws(SwiftletError) -> any SentencePieceEngine {
        guard let makeEngine else {
            throw SwiftletError(
                .tokenizerUnsupported, "only the BPE algorithm of SentencePiece is built in",
                hint: "import SwiftletSentencePiece, or pass sentencePiece: .library")
        }
        return try makeEngine(file)
    }
}
