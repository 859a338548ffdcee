import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@Suite("Fresh checkpoints")
struct InitializationTests {
    private func moments(_ tensor: StoredTensor?) throws -> (mean: Double, deviation: Double) {
        let values = try #require(tensor).floats().map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, variance.squareRoot())
    }

    @Test("the tensors of the family, distributed as in transformers")
    func distributions() throws {
        let folder = try TestFiles.temporaryFolder()
        let summary = try CheckpointInitializer.initialize(
            configPath: fixture("gpt2-tiny/config.json"), folder: folder.file("out"), seed: 3)
        let checkpoint = try Checkpoint(path: folder.file("out"))
        let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
        try resolved.validate()
        let reference = try SafetensorsFile(path: fixture("gpt2-tiny/model.safetensors"))
        #expect(checkpoint.tensors.map(\.name) == reference.tensors.map(\.name))
        #expect(checkpoint.metadata.map(\.value) == ["pt"])
        #expect(summary.parameters == checkpoint.configuration?.parameterCount)
        #expect(summary.bytes == (try TestFiles.bytes(folder.file("out/model.safetensors")).count))
        for (name, tensor) in resolved.tensors {
            let (mean, deviation) = try moments(tensor)
            // Six standard errors.
            let slack = 6 / Double(tensor.elementCount).squareRoot()
            if name.contains("Norm.weight") {
                #expect(mean == 1 && deviation == 0)
            } else if name.hasSuffix("bias") {
                #expect(mean == 0 && deviation == 0)
            } else {
                let isResidual = name.hasSuffix("output.weight") || name.hasSuffix("down.weight")
                let expected = isResidual ? 0.02 / 6.0.squareRoot() : 0.02
                #expect(abs(mean) < expected * slack, "\(name)")
                #expect(abs(deviation / expected - 1) < slack, "\(name)")
            }
        }
    }

    @Test("the bytes are a function of configuration, seed and dtype")
    func seeds() throws {
        let folder = try TestFiles.temporaryFolder()
        func make(_ name: String, seed: UInt64, _ dtype: TargetPrecision = .keep) throws -> [UInt8]
        {
            _ = try CheckpointInitializer.initialize(
                configPath: fixture("gpt2-variant"), folder: folder.file(name), seed: seed,
                dtype: dtype)
            return try TestFiles.bytes(folder.file("\(name)/model.safetensors"))
        }
        let first = try make("a", seed: 1)
        #expect(try make("b", seed: 1) == first)
        #expect(try make("c", seed: 2) != first)
        _ = try make("d", seed: 1, .bf16)
        let config = try JSONValue.read(path: folder.file("d/config.json"))
        #expect(config["dtype"]?.string == "bfloat16")
        #expect(try Checkpoint(path: folder.file("d")).tensors.allSatisfy { $0.dtype == .bf16 })
        // The same numbers, rounded.
        let rounded = try CheckpointComparison.compare(
            Checkpoint(path: folder.file("d")), Checkpoint(path: folder.file("a")), rtol: 0x1p-8)
        #expect(rounded.isEqual)
        #expect(rounded.compared == 29)
    }

    @Test("a normal stream: odd counts, tails, and no repeated number")
    func stream() {
        var buffer = [Float](repeating: 0, count: 100_001)
        var stream = NormalStream(seed: 0, name: "x")
        buffer.withUnsafeMutableBufferPointer { stream.fill($0, standardDeviation: 1) }
        #expect(buffer.allSatisfy { $0.isFinite && abs($0) < 8.6 })
        #expect(Set(buffer).count > 99_000)
        let beyond = buffer.count { abs($0) > 1.959964 }
        #expect((4600...5400).contains(beyond))
        let fourth = buffer.reduce(0.0) { $0 + Double($1 * $1 * $1 * $1) } / 100_001
        #expect(abs(fourth - 3) < 0.2)
        var other = NormalStream(seed: 0, name: "y")
        var second = [Float](repeating: 0, count: 4)
        second.withUnsafeMutableBufferPointer { other.fill($0, standardDeviation: 1) }
        #expect(second != Array(buffer[..<4]))
    }

    @Test("an existing folder with contents is left alone")
    func existing() throws {
        let folder = try TestFiles.temporaryFolder()
        try FileSystem.createFolder(folder.file("empty"))
        _ = try CheckpointInitializer.initialize(
            configPath: fixture("gpt2-variant"), folder: folder.file("empty"))
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try CheckpointInitializer.initialize(
                configPath: fixture("gpt2-variant"), folder: folder.file("empty"))
        }
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try CheckpointInitializer.initialize(
                configPath: folder.file("none.json"), folder: folder.file("out"))
        }
        #expect(try FileSystem.names(in: folder.path) == ["empty"])
    }

    @Test("an untied head gets its own weight")
    func untied() throws {
        let folder = try TestFiles.temporaryFolder()
        _ = try CheckpointInitializer.initialize(
            configPath: fixture("gpt2-variant"), folder: folder.file("out"))
        let checkpoint = try Checkpoint(path: folder.file("out"))
        #expect(checkpoint.tensors.contains { $0.name == "lm_head.weight" })
        let head = try moments(checkpoint.tensors.first { $0.name == "lm_head.weight" })
        #expect(abs(head.deviation / 0.02 - 1) < 0.1)
    }
}
