import SwiftletBytes
import SwiftletSafetensors

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
        /// The bytes of the weight file written.
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
    ///   - source: a folder in the Hub's layout, or a single `.safetensors` file.
    ///   - destination: a folder to be, or a path that ends in `.safetensors`: the weights alone.
    ///   - dtype: what float tensors become; others keep their dtype.
    ///   - force: replaces what is at `destination`. A folder is replaced only if it is empty or
    ///     holds a checkpoint.
    ///   - progress: hears of every few megabytes.
    /// - Throws: `cannotCreate` if the destination exists,
    ///   ``SwiftletError/Code/tensorMismatch`` for a source that is not exactly its family's model,
    ///   ``SwiftletError/Code/unsupportedDType``, and the errors of reading and writing.
    public static func convert(
        source: String, destination: String, dtype: TargetPrecision = .keep, force: Bool = false,
        progress: (Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        let clock = ContinuousClock()
        let start = clock.now
        try Destination.check(destination, source: source, force: force)
        let checkpoint = try Checkpoint(path: source)
        let plan = try ConversionPlan(checkpoint)
        let conversion = TensorConversion(dtype)
        let bytesOut: Int
        if Destination.isFile(destination) {
            try FileSystem.createFolder(FileSystem.parent(destination))
            Leftovers.remove(of: destination)
            bytesOut = try write(plan, to: destination, conversion, progress)
        } else {
            let folder = try AtomicFolder(path: destination, replacing: force)
            bytesOut = try write(plan, to: folder.file("model.safetensors"), conversion, progress)
            if FileSystem.isFolder(source) {
                try CarriedFiles.carry(
                    from: source, checkpoint.configuration, to: folder.temporary, dtype)
            }
            try folder.commit()
        }
        var notes = plan.notes
        if conversion.overflowed > 0 {
            notes.append(
                "\(conversion.overflowed) finite values are beyond \(dtype.rawValue) "
                    + "and became infinite")
        }
        var bytesIn = 0
        for file in checkpoint.files {
            if case .file(let size) = FileSystem.entry(file) { bytesIn += size }
        }
        let elapsed = start.duration(to: clock.now).components
        return Summary(
            tensors: plan.tensors.count, bytesIn: bytesIn, bytesOut: bytesOut,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18,
            overflowed: conversion.overflowed, notes: notes)
    }

    /// Writes the weights; returns the file's bytes.
    private static func write(
        _ plan: ConversionPlan, to path: String, _ conversion: TensorConversion,
        _ progress: (Progress) -> Void
    ) throws(SwiftletError) -> Int {
        var declarations: [SafetensorsWriter.Declaration] = []
        var byName: [[UInt8]: StoredTensor] = [:]
        var total = 0
        for tensor in plan.tensors {
            declarations.append((tensor.name, try conversion.dtype(of: tensor), tensor.shape))
            byName[Array(tensor.name.utf8)] = tensor
            total += tensor.bytes.count
        }
        // In the order of the file, so that the writes are sequential.
        declarations = SafetensorsWriter.fileOrder(declarations)
        let writer = try SafetensorsWriter(
            path: path, tensors: declarations, metadata: plan.metadata)
        var done = 0
        for declaration in declarations {
            guard let tensor = byName[Array(declaration.name.utf8)] else { continue }
            try conversion.write(tensor, to: writer) { count in
                done += count
                progress(Progress(bytesDone: done, bytesTotal: total))
            }
        }
        try writer.commit()
        return writer.byteCount
    }
}
