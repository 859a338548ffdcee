import SwiftletBytes

/// Writes checkpoints anew: as transformers' `save_pretrained` would name and choose the tensors,
/// in another precision if asked, with the files that belong to them.
public enum CheckpointConverter {
    /// How far a conversion is.
    public struct Progress: Sendable {
        /// The bytes of the source's tensors that are done.
        public let bytesDone: Int
        /// The bytes that there are.
        public let bytesTotal: Int
    }

    /// What a conversion did.
    public struct Summary: Sendable {
        /// The tensors written.
        public let tensors: Int
        /// The bytes of the weight files read.
        public let bytesIn: Int
        /// The bytes of the weight files written.
        public let bytesOut: Int
        /// The time it took.
        public let seconds: Double
        /// The finite values that became infinite in a narrower type.
        public let overflowed: Int
        /// What a person should know, one sentence each: what was dropped, what overflowed.
        public let notes: [String]

        /// The facts with the keys of `convert --json`, and two more.
        public var json: JSONValue {
            .object([
                "tensors": JSONValue(tensors), "bytes_in": JSONValue(bytesIn),
                "bytes_out": JSONValue(bytesOut), "seconds": JSONValue(finite: seconds),
                "overflowed": JSONValue(overflowed),
                "notes": .array(notes.map { .string($0) }),
            ])
        }
    }

    /// Converts a checkpoint.
    ///
    /// Nothing is seen at `destination` before all is written and on the disk; then it appears in
    /// one rename (`AtomicFolder`, `AtomicFile`). A run that is killed leaves the old destination,
    /// or none, and the next run removes what it left beside it. Memory stays at a few megabytes.
    ///
    /// - Parameters:
    ///   - source: a folder in the Hub's layout, a single file of weights, or an index of shards.
    ///   - destination: a folder to be, or a path that ends in `.safetensors`, `.h5` or `.hdf5`: the
    ///     weights alone.
    ///   - format: the form to write; nil for what the destination's ending says, else safetensors.
    ///   - dtype: what float tensors become; others keep their dtype.
    ///   - maxShardSize: how large a weight file in a folder may become; nil for one file.
    ///   - force: replaces what is at `destination`. A folder is replaced only if it is empty or
    ///     holds nothing but a checkpoint.
    ///   - hdf5: who reads HDF5 files.
    ///   - progress: hears of every few megabytes.
    /// - Throws: `cannotCreate` if the destination exists, or its replacement would lose other files,
    ///   ``SwiftletError/Code/tensorMismatch`` for a source that is not exactly its family's model,
    ///   ``SwiftletError/Code/unsupportedDType``, `usage` for weights that do not fit into one file
    ///   where one is asked for, and the errors of reading and writing.
    public static func convert(
        source: String, destination: String, format: TargetFormat? = nil,
        dtype: TargetPrecision = .keep,
        maxShardSize: ShardSize? = nil, force: Bool = false, hdf5: HDF5Reading = .own,
        progress: (Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        let clock = ContinuousClock()
        let start = clock.now
        let format = try Destination.format(destination, asked: format)
        try Destination.check(destination, source: source, force: force)
        let checkpoint = try Checkpoint(path: source, hdf5: hdf5)
        try Destination.checkWeights(destination, source: source, files: checkpoint.files)
        // Now, since the destination may be the source.
        var bytesIn = 0
        for file in checkpoint.files {
            if case .file(let size) = FileSystem.entry(file) { bytesIn += size }
        }
        let plan = try ConversionPlan(checkpoint)
        let conversion = TensorConversion(dtype)
        let output = plan.output(format)
        let weights = try Weights(output, conversion, maxShardSize)
        let bytesOut: Int
        if Destination.isFile(destination) {
            bytesOut = try weights.writeFile(destination, progress)
        } else {
            bytesOut = try AtomicFolder.write(destination, replacing: force) {
                (folder) throws(SwiftletError) in
                let bytes = try weights.writeFolder(folder.temporary, progress)
                if FileSystem.isFolder(source) {
                    try CarriedFiles.carry(
                        from: source, checkpoint.configuration, to: folder.temporary, dtype)
                }
                // Writing takes time, in which somebody may have put files there.
                if force { try Destination.check(destination, source: source, force: force) }
                return bytes
            }
        }
        var notes = plan.notes
        notes += output.notes
        if conversion.overflowed > 0 {
            notes.append(
                "\(conversion.overflowed) finite values are beyond \(dtype.rawValue) "
                    + "and became infinite")
        }
        let elapsed = start.duration(to: clock.now).components
        return Summary(
            tensors: plan.items.count, bytesIn: bytesIn, bytesOut: bytesOut,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18,
            overflowed: conversion.overflowed, notes: notes)
    }

    /// The weights on their way.
    private struct Weights {
        let conversion: TensorConversion
        let writing: ShardedWriting
        private var byName: [[UInt8]: StoredTensor] = [:]
        private var total = 0

        init(
            _ output: ConversionPlan.Output, _ conversion: TensorConversion, _ limit: ShardSize?
        ) throws(SwiftletError) {
            self.conversion = conversion
            var declarations: [TensorDeclaration] = []
            for tensor in output.tensors {
                declarations.append((tensor.name, try conversion.dtype(of: tensor), tensor.shape))
                byName[Array(tensor.name.utf8)] = tensor
            }
            total = StoredTensor.totalBytes(output.tensors)
            writing = try ShardedWriting(declarations, limit: limit, output: output.form)
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
                    "\(writing.shards.count) shards do not make one file",
                    hint: "name a folder, or leave out the size of shards")
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
