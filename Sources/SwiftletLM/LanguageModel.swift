import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletText

/// A causal language model opened from a folder in Hub layout: a decoder whose weights stay in the
/// mapped files, its configuration, and its tokenizer if the folder has one.
///
/// ```swift
/// let model = try LanguageModel("openai-community/gpt2")
/// let session = GenerationSession(model, context: try ComputeContext())
/// for try await piece in session.generate(prompt: "Once upon a time") { print(piece.text) }
/// ```
///
/// A model with a classification head instead of a language-model head is opened in the same way
/// and used by ``Classifier``.
public struct LanguageModel: Sendable {
    /// The folder, or the GGUF file.
    public let path: String
    /// The configuration as read.
    public private(set) var configuration: ModelConfiguration
    /// The checkpoint, with the role of each of its tensors.
    public private(set) var resolved: ResolvedCheckpoint
    /// The decoder.
    public private(set) var decoder: TransformerDecoder
    /// The tokens at which generation stops: `eos_token_id` of generation_config.json, else of
    /// config.json; may be empty.
    ///
    /// ``PromptEncoder/closingToken()`` is the one that closes texts.
    public var stopTokens: [Int32] { generationConfiguration.stopTokens }
    /// The folder's `generation_config.json`.
    public let generationConfiguration: GenerationConfiguration
    /// What was noticed on opening and may concern the user; ``TransformerDecoder/memoryNote(_:)`` says what
    /// running the decoder takes.
    public let notes: [String]

    /// Whether the head is one of zeros that no file has (``withClassificationHead(labels:)``).
    public private(set) var hasFreshHead = false

    private let sharedTokenizer: SharedTokenizer

    /// Opens a model by its path or by an id of the Hugging Face Hub.
    ///
    /// - Parameters:
    ///   - model: a folder in Hub layout, a GGUF file, or an id such as `openai-community/gpt2` that is in the
    ///     local Hugging Face cache; nothing is downloaded.
    ///   - revision: a branch, a tag or a commit of an id; nil means `main`.
    ///   - strippingPrefix: as `Checkpoint` takes it.
    ///   - sentencePiece: the algorithms of SentencePiece that ``tokenizer()`` supports.
    /// - Throws: as ``init(path:strippingPrefix:sentencePiece:)``; no input (66) for an id that the cache does not
    ///   have.
    public init(
        _ model: String, revision: String? = nil, strippingPrefix: Bool = false,
        sentencePiece: SentencePieceSupport = .builtIn
    ) throws(SwiftletError) {
        try self.init(
            path: try ModelLocator.resolve(model, revision: revision),
            strippingPrefix: strippingPrefix, sentencePiece: sentencePiece)
    }

    /// Opens a model.
    ///
    /// Only the tensors of norms and biases are read.
    ///
    /// - Parameters:
    ///   - path: the folder, or a GGUF file.
    ///   - strippingPrefix: whether tensors' names lose what a wrapper of the model added, such as
    ///     `_orig_mod.` or `module.`.
    ///   - sentencePiece: the algorithms of SentencePiece that ``tokenizer()`` supports.
    /// - Throws: no input (66), bad data (65) or unsupported (69), naming the file and the place.
    public init(
        path: String, strippingPrefix: Bool = false,
        sentencePiece: SentencePieceSupport = .builtIn
    ) throws(SwiftletError) {
        let checkpoint = try Checkpoint(path: path, strippingPrefix: strippingPrefix)
        guard let configuration = checkpoint.configuration else {
            throw SwiftletError(
                .noSuchFile, file: path, "no config.json, so the model's shape is unknown",
                hint: "give a folder that holds config.json and the weights, or a GGUF file")
        }
        let resolved = try checkpoint.resolved(configuration).inSinglePrecision
        try resolved.validate()
        let description = try DecoderDescription(configuration, tiesHead: resolved.tiesHead)
        self.path = path
        self.configuration = configuration
        self.resolved = resolved
        decoder = TransformerDecoder(
            description: description,
            weights: try DecoderWeights(description, from: CheckpointTensors(resolved)))
        generationConfiguration = GenerationConfiguration(path: path, configuration)
        sharedTokenizer = SharedTokenizer(path: path, sentencePiece)
        var notes = resolved.notes + generationConfiguration.notes
        if decoder.weights.matrices.contains(where: \.wasCopied) {
            notes.append("some tensors are not aligned for their dtype and were copied")
        }
        self.notes = notes
    }

    /// Quantizes the matrices to 8 bits, in memory: half the size of bf16 and twice its speed at
    /// single tokens.
    ///
    /// `score` shows what that costs.
    ///
    /// - Parameters:
    ///   - context: the threads.
    ///   - onLayer: called with the number of layers done.
    /// - Returns: a copy of the model.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func quantized(_ context: ComputeContext, onLayer: (Int) -> Void = { _ in })
        throws(SwiftletError) -> LanguageModel
    {
        var model = self
        model.decoder = TransformerDecoder(
            description: decoder.description,
            weights: try decoder.weights.mapLinear(onLayer: onLayer) {
                layer throws(SwiftletError) in
                try SwiftletError.checkCancellation()
                return layer.quantized(context)
            })
        return model
    }

    /// Checks that the model computes logits of classes, before long work begins.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead``, saying what it has instead.
    public func checkClassificationHead() throws(SwiftletError) {
        do throws(SwiftletError) { _ = try decoder.classificationHead() } catch {
            throw error.inFile(path)
        }
    }

    /// The same model with another head, by the checkpoint that has it.
    func replacingCheckpoint(by resolved: ResolvedCheckpoint) throws(SwiftletError)
        -> LanguageModel
    {
        var model = self
        model.resolved = resolved
        model.hasFreshHead = true
        model.configuration = resolved.configuration
        let description = try DecoderDescription(
            resolved.configuration, tiesHead: resolved.tiesHead)
        model.decoder = TransformerDecoder(
            description: description,
            weights: try DecoderWeights(description, from: CheckpointTensors(resolved)))
        return model
    }

    /// The same model with other weights.
    func replacingWeights(by weights: DecoderWeights) -> LanguageModel {
        var model = self
        model.decoder = TransformerDecoder(description: decoder.description, weights: weights)
        return model
    }

    /// The dtype of the token embedding, taken as the dtype of the checkpoint; single precision for a
    /// quantized one.
    public var dtype: DType {
        let dtype = decoder.weights.tokenEmbedding.weight.dtype
        return dtype.block == nil ? dtype : .f32
    }

    /// The folder's tokenizer, opened by the first call.
    ///
    /// - Throws: no input (66) when the folder has none.
    public func tokenizer() throws(SwiftletError) -> TextTokenizer { try sharedTokenizer() }

    /// Checks that the model computes logits over its vocabulary, before long work begins.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead``, saying what it has instead.
    public func checkLanguageHead() throws(SwiftletError) {
        do throws(SwiftletError) { _ = try decoder.languageHead() } catch {
            throw error.inFile(path)
        }
    }
}
