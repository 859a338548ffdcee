import SwiftletBytes
import SwiftletGGUF

/// A model in a GGUF file: its configuration, its tensors under the names of the model's class, and
/// the files that a folder of the same model would have.
package struct GGUFModel: Sendable {
    /// The file.
    package let file: GGUFFile
    /// The configuration made of the metadata.
    package let configuration: ModelConfiguration
    /// Sentences for the user.
    package let notes: [String]

    private let path: String

    /// Whether a path names a GGUF file: a file that begins as one does.
    package static func isFile(_ path: String) -> Bool {
        guard FileSystem.isFile(path), let start = try? MappedFile(path: path).bytes,
            start.count >= magic.count
        else { return false }
        return start[0..<magic.count].copy() == magic
    }

    /// The first bytes of a GGUF file.
    static let magic = Array("GGUF".utf8)

    /// Opens a model without reading tensor data, except to compare a stored head with the embedding.
    ///
    /// - Throws: the errors of `GGUFFile`, ``SwiftletBytes/SwiftletError/Code/unknownFamily``,
    ///   ``SwiftletBytes/SwiftletError/Code/unsupportedKey`` and
    ///   ``SwiftletBytes/SwiftletError/Code/configurationValue``.
    package init(path: String) throws(SwiftletError) {
        self.path = path
        file = try GGUFFile(path: path)
        if case .uint(let count)? = file.value("split.count"), count > 1 {
            throw SwiftletError(
                .unsupportedFormat, file: path, "is one of \(count) files of a model",
                at: "key \"split.count\"",
                hint: "llama.cpp's llama-gguf-split --merge makes one file of them")
        }
        let values = try GGUFConfiguration(file, path: path)
        configuration = try ModelConfiguration(object: values.object, path: path)
        notes = values.notes
    }

    /// The file as the weights of a checkpoint.
    var weights: OpenWeights {
        let names = configuration.names
        var tensors: [FamilyTensor] = []
        for tensor in file.tensors {
            // The configuration has what this tensor says.
            if tensor.name == GGUFConfiguration.divisorsName { continue }
            guard let (row, layer) = names.ggufMatch(tensor.name) else {
                tensors.append(FamilyTensor(name: tensor.name, tensor: tensor))
                continue
            }
            let prefix = names.architecture(configuration.architecture).prefix
            tensors.append(
                FamilyTensor(
                    name: names.checkpointName(row, layer: layer, prefix: prefix),
                    tensor: NameMap.modelTensor(tensor, row, configuration.dimensions)))
        }
        tensors += absentBiases(of: file.tensors)
        return OpenWeights(
            format: .gguf, files: [path], metadata: GGUFText.pairs(file), tensors: file.tensors,
            familyTensors: tensors, notes: notes, configuration: configuration)
    }
}

/// Metadata as text.
enum GGUFText {
    /// The metadata of a file, with long lists as their length.
    static func pairs(_ file: GGUFFile) -> [(key: String, value: String)] {
        file.metadata.map { ($0.key, text($0.value)) }
    }

    private static let longestList = 8

    private static func text(_ value: GGUFValue) -> String {
        switch value {
        case .uint(let number): return "\(number)"
        case .int(let number): return "\(number)"
        case .float(let number):
            let single = Float(number)
            return Double(single) == number ? "\(single)" : "\(number)"
        case .bool(let value): return value ? "true" : "false"
        case .string(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .array(let array):
            guard array.count <= longestList else { return "\(array.count) values" }
            if let numbers = array.ints() { return "\(numbers)" }
            if let numbers = array.floats() { return "\(numbers)" }
            if let strings = array.strings() {
                return
                    "[\(strings.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", "))]"
            }
            return "\(array.count) values"
        }
    }
}
