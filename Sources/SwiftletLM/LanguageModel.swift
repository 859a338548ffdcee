import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletText

/// A causal language model opened from a folder in Hub layout: a decoder whose weights lie in the
/// mapped files, its configuration, and its tokenizer when the folder has one. One with a
/// classification head in place of its own is opened alike, for ``Classifier``.
///
/// ```swift
/// let model = try LanguageModel(path: "gpt2")
/// for try await piece in GenerationSession.stream(
///     model, prompt: "Once upon a time", context: ComputeContext())
/// {
///     print(piece.text)
/// }
/// ```
public struct LanguageModel: Sendable {
    /// The folder.
    public let path: String
    /// The configuration as read.
    public let configuration: ModelConfiguration
    /// The checkpoint and which of its tensors is which.
    public let resolved: ResolvedCheckpoint
    /// The decoder.
    public private(set) var decoder: TransformerDecoder
    /// The tokens that end a sequence: generation_config.json's, else config.json's; may be empty.
    public let endOfSequence: [Int32]
    /// What was noticed on opening that a person may want to know.
    public let notes: [String]

    /// Opens a model. No tensor byte is read but those of norms and biases.
    ///
    /// - Throws: no input (66), bad data (65) or unsupported (69), naming the file and the place.
    public init(path: String) throws(SwiftletError) {
        let checkpoint = try Checkpoint(path: path)
        guard let configuration = checkpoint.configuration else {
            throw SwiftletError(
                .noSuchFile, file: path, "no config.json, so the model's shape is unknown",
                hint: "give a folder that holds config.json and the weights")
        }
        let resolved = try checkpoint.resolved(configuration)
        try resolved.validate()
        let description = try DecoderDescription(configuration, tiesHead: resolved.tiesHead)
        self.path = path
        self.configuration = configuration
        self.resolved = resolved
        decoder = TransformerDecoder(
            description: description,
            weights: try DecoderWeights(description, from: CheckpointTensors(resolved)))
        endOfSequence = try Self.endOfSequence(path: path, configuration)
        var notes = resolved.notes
        if decoder.weights.matrices.contains(where: \.wasCopied) {
            notes.append(
                "some tensors lie at addresses that do not suit their dtype and were copied")
        }
        self.notes = notes
    }

    /// The model with its matrices in 8 bits, in memory of their own: half the memory of bf16, and
    /// twice its speed at single tokens. What that costs, `score` shows.
    ///
    /// - Parameters:
    ///   - context: the threads.
    ///   - onLayer: called with the number of layers done.
    public func quantized(_ context: ComputeContext, onLayer: (Int) -> Void = { _ in })
        -> LanguageModel
    {
        var model = self
        model.decoder = TransformerDecoder(
            description: decoder.description,
            weights: decoder.weights.quantized(context, onLayer: onLayer))
        return model
    }

    /// The dtype of the embedding, which stands for the checkpoint's.
    public var dtype: DType { decoder.weights.tokenEmbedding.weight.dtype }

    /// The folder's tokenizer.
    ///
    /// - Throws: no input (66) when the folder has none.
    public func tokenizer() throws(SwiftletError) -> TextTokenizer {
        try TextTokenizer(path: path)
    }

    /// Refuses a model that gives no logits of the vocabulary, before long work.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead``, saying what it has instead.
    public func checkLanguageHead() throws(SwiftletError) {
        do throws(SwiftletError) { _ = try decoder.languageHead() } catch {
            throw error.inFile(path)
        }
    }

    private static func endOfSequence(path: String, _ configuration: ModelConfiguration)
        throws(SwiftletError) -> [Int32]
    {
        let file = FileSystem.join(path, "generation_config.json")
        if FileSystem.isFile(file) {
            let value = try JSONValue.read(path: file)["eos_token_id"]
            let ids = try ids(value, file: file)
            if !ids.isEmpty { return ids }
        }
        return try ids(configuration.object["eos_token_id"], file: configuration.path)
    }

    private static func ids(_ value: JSONValue?, file: String) throws(SwiftletError) -> [Int32] {
        guard let value, value != .null else { return [] }
        var ids: [Int32] = []
        for item in value.array ?? [value] {
            guard let number = item.int, let id = Int32(exactly: number), id >= 0 else {
                throw SwiftletError(
                    .configurationValue, file: file, "\(item.text()) is not a token id",
                    at: "key \"eos_token_id\"")
            }
            ids.append(id)
        }
        return ids
    }
}
