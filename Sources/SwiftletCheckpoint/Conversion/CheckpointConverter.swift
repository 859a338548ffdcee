import SwiftletBytes

/// Converts checkpoints to another precision or format, with the tensors and names that
/// transformers' `save_pretrained` writes and the files that belong to the model.
public enum CheckpointConverter {
    /// The progress of a conversion.
    public struct Progress: Sendable {
        /// The number of bytes of tensors that are done.
        public let bytesDone: Int
        /// The number of bytes of all tensors.
        public let bytesTotal: Int
    }

    /// The result of a conversion.
    public struct Summary: Sendable {
        /// The number of tensors written.
        public let tensors: Int
        /// The total size of the weight files read, in bytes.
        public let bytesIn: Int
        /// The total size of the weight files written, in bytes.
        public let bytesOut: Int
        /// The duration in seconds.
        public let seconds: Double
        /// The number of finite values that became infinite in a narrower type.
        public let overflowed: Int
        /// Whether the destination has a tokenizer; nil for a file that holds weights alone.
        public let hasTokenizer: Bool?
        /// Sentences for the user about what was dropped and what overflowed.
        public let notes: [String]
    }

    /// Converts a checkpoint.
    ///
    /// The destination appears in one rename once everything is written and on disk
    /// (`AtomicFolder`, `AtomicFile`). A killed conversion leaves the old destination, or none; the
    /// next one removes its temporary files. Memory stays at a few megabytes.
    ///
    /// - Parameters:
    ///   - source: a folder in the Hub's layout, a single weight file, or an index of shards.
    ///   - destination: the path of a folder, or of a single file with the ending `.safetensors`,
    ///     `.h5` or `.hdf5`, which gets the weights alone, or `.gguf`, which gets all.
    ///   - format: the format to write; nil to go by the destination's ending, safetensors for a
    ///     folder.
    ///   - dtype: the precision of the tensors. In a file of no known family, integers and truth
    ///     values keep their dtype.
    ///   - maxShardSize: the maximum size of a weight file in a folder; nil for a single file.
    ///   - force: replaces what is at `destination`. A folder is replaced only if it is empty or
    ///     holds nothing but a checkpoint.
    ///   - hdf5: the reader of HDF5 files.
    ///   - strippingPrefix: whether names lose what a wrapper of the model added to them
    ///     (``Checkpoint/init(path:hdf5:strippingPrefix:)``).
    ///   - progress: called after every few megabytes.
    /// - Returns: what was read and written.
    /// - Throws: `cannotCreate` if the destination exists, or its replacement would lose other
    ///   files, ``SwiftletBytes/SwiftletError/Code/tensorMismatch`` for a source without exactly
    ///   its model's tensors, ``SwiftletBytes/SwiftletError/Code/unsupportedDType``, `usage` for
    ///   weights that do not fit into one file where one is asked for, and the errors of reading
    ///   and writing.
    public static func convert(
        source: String, destination: String, format: TargetFormat? = nil,
        dtype: TargetPrecision = .keep,
        maxShardSize: ShardSize? = nil, force: Bool = false, hdf5: HDF5Reading = .own,
        strippingPrefix: Bool = false,
        progress: (Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        let clock = ContinuousClock()
        let start = clock.now
        let format = try Destination.format(destination, asked: format)
        guard dtype != .q8 || format == .gguf else {
            throw SwiftletError(
                .usage, file: destination, "only GGUF files have weights in \(dtype.rawValue)")
        }
        try Destination.check(destination, source: source, force: force)
        if let summary = try vocabulary(source, to: destination, force: force) { return summary }
        let checkpoint = try Checkpoint(
            path: source, hdf5: hdf5, strippingPrefix: strippingPrefix)
        try Destination.checkWeights(destination, source: source, files: checkpoint.files)
        // Measured before writing, since the destination may be the source.
        var bytesIn = 0
        for file in checkpoint.files {
            if case .file(let size) = FileSystem.entry(file) { bytesIn += size }
        }
        let carriedNotes = Destination.isFile(destination) ? [] : CarriedFiles.notes(in: source)
        let plan = try ConversionPlan(checkpoint)
        let output = try plan.output(format, dtype)
        let conversion = TensorConversion(
            dtype, fixed: output.dtypes, castsIntegers: plan.family != nil)
        let weights = try Weights(output, conversion, maxShardSize)
        let bytesOut: Int
        var notes = plan.notes + output.notes
        var hasTokenizer = output.form.hasTokenizer
        if Destination.isFile(destination) {
            bytesOut = try weights.writeFile(destination, progress)
        } else {
            bytesOut = try AtomicFolder.write(destination, replacing: force) {
                (folder) throws(SwiftletError) in
                let bytes = try weights.writeFolder(folder.temporary, progress)
                if FileSystem.isFolder(source) || checkpoint.format == WeightFormat.gguf.rawValue {
                    try CarriedFiles.carry(
                        from: source, checkpoint.configuration, to: folder.temporary, dtype)
                }
                hasTokenizer = CarriedFiles.hasTokenizer(folder.temporary)
                // Files may have been added while the weights were written.
                if force { try Destination.check(destination, source: source, force: force) }
                return bytes
            }
        }
        if !Destination.isFile(destination) { notes += carriedNotes }
        if let kept = weights.kept(dtype, besides: output.dtypes) { notes.append(kept) }
        if conversion.overflowed > 0 {
            notes.append(
                "\(conversion.overflowed) finite values are out of range for \(dtype.rawValue) "
                    + "and became infinite")
        }
        let elapsed = start.duration(to: clock.now).components
        return Summary(
            tensors: plan.items.count, bytesIn: bytesIn, bytesOut: bytesOut,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18,
            overflowed: conversion.overflowed, hasTokenizer: hasTokenizer, notes: notes)
    }

    /// The tensors to write and how to convert them.
    private struct Weights {
        let conversion: TensorConversion
        let writing: ShardedWriting
        private var byName: [[UInt8]: StoredTensor] = [:]
        private var declarations: [TensorDeclaration] = []
        private var total = 0

        init(
            _ output: ConversionPlan.Output, _ conversion: TensorConversion, _ limit: ShardSize?
        ) throws(SwiftletError) {
            self.conversion = conversion
            for tensor in output.tensors {
                declarations.append((tensor.name, try conversion.dtype(of: tensor), tensor.shape))
                byName[Array(tensor.name.utf8)] = tensor
            }
            total = StoredTensor.totalBytes(output.tensors)
            writing = try ShardedWriting(declarations, limit: limit, output: output.form)
        }

        /// Says which tensors keep a dtype that is not the one asked for, besides those whose dtype the
        /// format determines; nil if there are none.
        func kept(
            _ precision: TargetPrecision, besides fixed: [[UInt8]: DType]
        ) -> String? {
            guard let asked = precision.dtype else { return nil }
            let kept = declarations.filter {
                $0.dtype != asked && fixed[Array($0.name.utf8)] == nil
            }
            guard let first = kept.first else { return nil }
            let dtypes = Set(kept.map(\.dtype.rawValue)).sorted().joined(separator: ", ")
            return "\(kept.count) tensor\(kept.count == 1 ? "" : "s") of no known model "
                + "keep\(kept.count == 1 ? "s" : "") a dtype that is not a float (\(dtypes)), "
                + "such as \(first.name)"
        }

        func writeFolder(
            _ folder: String, _ progress: (Progress) -> Void
        ) throws(SwiftletError) -> Int {
            var done = 0
            return try writing.write(to: folder) {
                (declaration, writer) throws(SwiftletError) in
                try write(declaration, to: writer, &done, progress)
            }
        }

        func writeFile(
            _ path: String, _ progress: (Progress) -> Void
        ) throws(SwiftletError) -> Int {
            guard let shard = writing.shards.first, writing.shards.count == 1 else {
                throw SwiftletError(
                    .usage, file: path,
                    "cannot hold \(writing.shards.count) shards",
                    hint: "name a folder, or leave out the shard size")
            }
            try FileSystem.createFolder(FileSystem.parent(path))
            Leftovers.remove(of: path)
            var done = 0
            return try writing.write(shard, to: path) {
                (declaration, writer) throws(SwiftletError) in
                try write(declaration, to: writer, &done, progress)
            }
        }

        private func write(
            _ declaration: TensorDeclaration, to writer: any WeightFileWriter,
            _ done: inout Int, _ progress: (Progress) -> Void
        ) throws(SwiftletError) {
            guard let tensor = byName[Array(declaration.name.utf8)] else { return }
            try conversion.write(tensor, to: writer) { count in
                done += count
                progress(Progress(bytesDone: done, bytesTotal: total))
            }
        }
    }
}
