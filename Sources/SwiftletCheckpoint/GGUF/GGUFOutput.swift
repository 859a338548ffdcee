import SwiftletBytes
import SwiftletGGUF

extension GGUFWriter: WeightFileWriter {}

/// A GGUF file as llama.cpp's converter writes it.
struct GGUFOutput: WeightOutput {
    /// Configuration and tokenizer.
    var metadata: [(key: String, field: GGUFField)]

    var stem: String { "model" }
    var ending: String { ".gguf" }
    var indexHasParameters: Bool { false }
    var hasTokenizer: Bool? { metadata.contains { $0.key == "tokenizer.ggml.tokens" } }

    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration] { tensors }

    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter {
        try GGUFWriter(path: path, tensors: tensors, metadata: metadata)
    }
}

extension ConversionPlan {
    /// Returns how the planned tensors are written in a GGUF file.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedFormat`` or
    ///   ``SwiftletBytes/SwiftletError/Code/unsupportedKey`` for a model that llama.cpp does not have.
    func ggufOutput(_ precision: TargetPrecision) throws(SwiftletError) -> Output {
        guard let (names, _) = family, let configuration = checkpoint.configuration else {
            throw SwiftletError(
                .unsupportedFormat, file: checkpoint.path,
                "has no config.json, of which the metadata of a GGUF file is made")
        }
        guard names.ggufArchitecture != nil else {
            throw SwiftletError(
                .unsupportedFormat, file: checkpoint.path,
                "GGUF files do not have the family \(names.family)")
        }
        let metadata = try GGUFMetadata(checkpoint, configuration, precision)
        var output = Output(
            tensors: [], form: GGUFOutput(metadata: metadata.fields), notes: metadata.notes)
        let zeros = try absentBiases(&output.notes)
        for item in items where !zeros.contains(item.tensor.name) {
            guard let (row, layer) = item.place, let name = names.ggufName(row, layer: layer),
                let tensor = NameMap.ggufTensor(item.tensor, row, configuration.dimensions)
            else {
                throw SwiftletError(
                    .unsupportedFormat, file: checkpoint.path,
                    "llama.cpp's \(names.ggufArchitecture ?? "") has no such tensor",
                    at: "tensor \"\(item.tensor.name)\"")
            }
            add(tensor.renamed(name), row, precision, to: &output)
        }
        let tied = names.tiedHead
        if tiesHead, GGUFFamily.storesTiedHead(names.family),
            let head = names.row(tied.head).flatMap({ names.ggufName($0, layer: 0) }),
            let item = items.first(where: { $0.place?.row.name == tied.embedding }),
            let row = item.place?.row
        {
            add(item.tensor.renamed(head), row, precision, to: &output)
            output.notes.append("the tied head is stored a second time, as llama.cpp requires")
        }
        if let divisors = metadata.divisors {
            output.tensors.append(divisors)
            output.dtypes[Array(divisors.name.utf8)] = .f32
        }
        return output
    }

    /// Adds a tensor in the dtype that llama.cpp's converter would give it: vectors, norms and the table
    /// of positions are always singles.
    private func add(
        _ tensor: StoredTensor, _ row: NameMap.Row, _ precision: TargetPrecision,
        to output: inout Output
    ) {
        let isSingle = tensor.shape.count < 2 || row.name == "positionEmbedding.weight"
        var dtype: DType
        if isSingle {
            dtype = .f32
        } else if let asked = precision.dtype {
            dtype = asked
        } else {
            // llama.cpp multiplies by no other.
            let isKept = tensor.dtype.isWeightType || tensor.dtype.block != nil
            dtype = isKept ? tensor.dtype : .f32
            if !isKept, tensor.dtype != .f64 {
                output.notes.append("\(tensor.name) of \(tensor.dtype.rawValue) is written as F32")
            }
        }
        if let block = dtype.block, !(tensor.shape.last ?? 1).isMultiple(of: block.elements) {
            dtype = .f16
            output.notes.append(
                "\(tensor.name) is written as F16: its rows are not multiples of "
                    + "\(block.elements) elements")
        }
        output.dtypes[Array(tensor.name.utf8)] = dtype
        output.tensors.append(tensor)
    }
}

extension GGUFFamily {
    /// Whether llama.cpp needs the head of a family although it is the embedding.
    static func storesTiedHead(_ family: String) -> Bool {
        family == "gpt_neox" || family == "qwen"
    }
}
