import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

/// Checkpoints written by torch.save, compared with safetensors files of the same values.
@Suite struct TorchCheckpointTests {
    static let pairs = [
        ("gpt2-variant-bin", "gpt2-variant"), ("gpt2-tiny-f16-bin", "gpt2-tiny-f16"),
    ]

    @Test(arguments: pairs)
    func isTheSameModel(_ torch: String, _ safetensors: String) throws {
        let archive = try Checkpoint(path: TestFiles.fixture(torch))
        #expect(archive.format == "torch")
        let configuration = try #require(archive.configuration)
        #expect(try archive.resolved(configuration).isComplete)
        let comparison = try CheckpointComparison.compare(
            archive, Checkpoint(path: TestFiles.fixture(safetensors)))
        #expect(comparison.isEqual)
        #expect(comparison.compared > 20)
    }

    @Test(arguments: pairs)
    func convertsToTheReferencesBytes(_ torch: String, _ safetensors: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let summary = try CheckpointConverter.convert(
            source: TestFiles.fixture(torch), destination: folder.file("out"))
        #expect(summary.tensors > 20)
        #expect(
            try TestFiles.bytes(folder.file("out/model.safetensors"))
                == MappedFile(path: TestFiles.fixture("\(safetensors)/model.safetensors")).bytes
                .copy())
    }

    @Test func aTiedHeadIsDroppedAndSaid() throws {
        let checkpoint = try Checkpoint(path: TestFiles.fixture("gpt2-tiny-f16-bin"))
        let configuration = try #require(checkpoint.configuration)
        let resolved = try checkpoint.resolved(configuration)
        #expect(resolved.tiedDuplicate == "lm_head.weight")
        #expect(resolved.tiesHead)
    }

    @Test func unknownKeysAreSaid() throws {
        let folder = try TestFiles.temporaryFolder()
        for name in ["pytorch_model.bin", "config.json"] {
            try AtomicFile.write(
                try TestFiles.bytes(TestFiles.fixture("gpt2-tiny-f16-bin/\(name)")),
                to: folder.file(name))
        }
        #expect(try Checkpoint(path: folder.path).notes == [])
        guard case .object(var object) = try JSONValue.read(path: folder.file("config.json"))
        else { throw SwiftletError(.defect, "the fixture is no object") }
        object["a_new_trick"] = .bool(true)
        try AtomicFile.write(
            [UInt8](JSONValue.object(object).text().utf8), to: folder.file("config.json"))
        let notes = try Checkpoint(path: folder.path).notes
        #expect(notes.count == 1 && notes[0].contains("a_new_trick"))
    }

    @Test func noConfigurationOfTransformersHasUnknownKeys() throws {
        for name in try FileSystem.names(in: TestFiles.fixture("")) {
            let path = TestFiles.fixture("\(name)/config.json")
            guard FileSystem.isFile(path) else { continue }
            #expect(try ModelConfiguration(path: path).unknownKeys == [], "\(name)")
        }
    }
}
