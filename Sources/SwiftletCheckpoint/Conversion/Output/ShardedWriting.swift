import SwiftletBytes
import SwiftletSafetensors

/// Writes weights as one file, or as shards and an index, as transformers saves them.
package struct ShardedWriting {
    /// A file.
    struct Shard {
        var name: String
        /// The tensors in the order of the file.
        var tensors: [TensorDeclaration]
    }

    let shards: [Shard]
    private let output: any WeightOutput
    private let totalSize: Int
    private let parameters: Int

    /// Distributes tensors to shards (huggingface_hub, `split_torch_state_dict_into_shards`): a
    /// tensor goes to the current file if there is room, otherwise it starts a new one.
    ///
    /// A tensor larger than the limit gets its own file, which comes before the current one.
    ///
    /// - Parameters:
    ///   - tensors: the tensors in the order in which files are filled.
    ///   - limit: the maximum size of a file; nil for a single file.
    ///   - output: the format of the files.
    /// - Throws: `SwiftletError.Code.safetensorsOverflow` if the total size overflows.
    init(
        _ tensors: [TensorDeclaration], limit: ShardSize?, output: any WeightOutput
    ) throws(SwiftletError) {
        var full: [[TensorDeclaration]] = []
        var current: [TensorDeclaration] = []
        var filled = 0
        var total = 0
        var elements = 0
        for tensor in tensors {
            guard let count = StoredTensor.elementCount(of: tensor.shape),
                let size = tensor.dtype.byteCount(elements: count), size <= Int.max - total
            else {
                throw SwiftletError(
                    .safetensorsOverflow, "the total size overflows",
                    at: "tensor \"\(tensor.name)\"")
            }
            total += size
            elements += count
            if let limit, size > limit.bytes {
                full.append([tensor])
                continue
            }
            if let limit, size > limit.bytes - filled {
                full.append(current)
                current = []
                filled = 0
            }
            current.append(tensor)
            filled += size
        }
        if !current.isEmpty || full.isEmpty { full.append(current) }
        let count = full.count
        shards = full.enumerated().map { position, tensors in
            Shard(
                name: count == 1
                    ? output.stem + output.ending
                    : "\(output.stem)-\(Self.digits(position + 1))-of-\(Self.digits(count))"
                        + output.ending,
                tensors: output.fileOrder(tensors))
        }
        self.output = output
        totalSize = total
        parameters = elements
    }

    /// Cuts tensors into safetensors files, filled in the order given.
    ///
    /// - Parameters:
    ///   - tensors: what is written.
    ///   - limit: the size of a file; nil for one file.
    /// - Throws: `SwiftletError.Code.safetensorsOverflow` for sizes that overflow.
    package init(safetensors tensors: [TensorDeclaration], limit: ShardSize?)
        throws(SwiftletError)
    {
        try self.init(tensors, limit: limit, output: SafetensorsOutput())
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }

    /// Writes all files into a folder.
    ///
    /// - Parameters:
    ///   - folder: an existing folder.
    ///   - content: writes the bytes of a tensor.
    /// - Returns: the total size of the weight files in bytes.
    /// - Throws: the errors of the files' writers, and those of `content`.
    @discardableResult
    package func write(
        to folder: String,
        _ content: (TensorDeclaration, any WeightFileWriter) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> Int {
        var bytes = 0
        for shard in shards {
            bytes += try write(shard, to: FileSystem.join(folder, shard.name), content)
        }
        if shards.count > 1 {
            let name = "\(output.stem)\(output.ending).index.json"
            try AtomicFile.write(
                Array((index.text(pretty: true) + "\n").utf8), to: FileSystem.join(folder, name))
        }
        return bytes
    }

    /// Writes a file; returns its size in bytes.
    func write(
        _ shard: Shard, to path: String,
        _ content: (TensorDeclaration, any WeightFileWriter) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> Int {
        // The tensors are in the order of the file, so the writes are sequential.
        let writer = try output.writer(
            path: path, tensors: shard.tensors, isShard: shards.count > 1)
        for tensor in shard.tensors { try content(tensor, writer) }
        try writer.commit()
        return writer.byteCount
    }

    /// The contents of the index.
    private var index: JSONValue {
        var places: [(name: String, shard: String)] = []
        for shard in shards { places += shard.tensors.map { ($0.name, shard.name) } }
        places.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var map = JSONObject()
        for place in places { map.append(place.name, .string(place.shard)) }
        var metadata = JSONObject()
        if output.indexHasParameters { metadata.append("total_parameters", JSONValue(parameters)) }
        metadata.append("total_size", JSONValue(totalSize))
        return .object(["metadata": .object(metadata), "weight_map": .object(map)])
    }
}
