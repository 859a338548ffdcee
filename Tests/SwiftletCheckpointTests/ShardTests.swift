import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

@Suite("Shards")
struct ShardTests {
    /// Three tensors in two shards, and their index.
    private struct Folder {
        let folder: TemporaryFolder
        var places = ["a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors"]
        var total: String? = "24"

        init() throws {
            folder = try TestFiles.temporaryFolder()
            try write("one", ["b", "a"])
            try write("two", ["c"])
        }

        func write(_ shard: String, _ names: [String]) throws {
            try SwiftletCheckpointTests.write(
                names.map { floats($0, [1, 2]) }, to: folder.file("\(shard).safetensors"),
                metadata: [("format", "pt"), ("shard", shard)])
        }

        func open(_ index: String? = nil) throws(SwiftletError) -> Checkpoint {
            let metadata = total.map { #""metadata":{"total_size":\#($0)},"# } ?? ""
            let map = places.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
                .joined(separator: ",")
            let text = index ?? #"{\#(metadata)"weight_map":{\#(map)}}"#
            try AtomicFile.write(
                Array(text.utf8), to: folder.file("model.safetensors.index.json"))
            return try Checkpoint(path: folder.path)
        }

        func failure(_ index: String? = nil) -> SwiftletError? {
            do throws(SwiftletError) {
                _ = try open(index)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("an index and its shards are one checkpoint")
    func whole() throws {
        let shards = try Folder()
        let checkpoint = try shards.open()
        #expect(checkpoint.format == "safetensors")
        #expect(checkpoint.tensors.map(\.name) == ["a", "b", "c"])
        #expect(checkpoint.files.map(FileSystem.name) == ["one.safetensors", "two.safetensors"])
        #expect(checkpoint.metadata.map(\.value) == ["pt", "one"])
        #expect(checkpoint.notes.isEmpty)
        #expect(FileSystem.name(checkpoint.tensors[2].file) == "two.safetensors")
        let index = shards.folder.file("model.safetensors.index.json")
        #expect(try Checkpoint(path: index).tensors.count == 3)
        #expect(try Checkpoint(path: shards.folder.path + "//").notes.isEmpty)
        // Shards may be in subfolders.
        var below = try Folder()
        try FileSystem.createFolder(below.folder.file("x"))
        try below.write("x/two", ["c"])
        below.places["c"] = "x/two.safetensors"
        #expect(try below.open().notes.count == 1)
    }

    @Test("missing shards, and tensors that are missing, duplicate, misplaced or unlisted")
    func wrong() throws {
        var shards = try Folder()
        shards.places["d"] = "one.safetensors"
        var error = try #require(shards.failure())
        #expect(error.code == .shardTensorMissing && error.code.kind == .badData)
        #expect(error.place == "tensor \"d\"")
        shards.places["d"] = nil
        shards.places["c"] = "one.safetensors"
        shards.places["b"] = "two.safetensors"
        #expect(shards.failure()?.code == .shardTensorMissing)

        shards = try Folder()
        try shards.write("two", ["c", "a"])
        error = try #require(shards.failure())
        #expect(error.code == .shardTensorTwice && error.code.kind == .badData)
        #expect(error.place == "tensor \"a\"")

        shards = try Folder()
        shards.places["a"] = nil
        error = try #require(shards.failure())
        #expect(error.code == .shardTensorUnlisted && error.code.kind == .badData)
        #expect(error.place == "tensor \"a\"")

        shards = try Folder()
        shards.places["c"] = "three.safetensors"
        error = try #require(shards.failure())
        #expect(error.code == .shardMissing && error.code.kind == .noInput)
        #expect(error.reason.contains("three.safetensors"))

        shards = try Folder()
        try AtomicFile.write([1, 2], to: shards.folder.file("two.safetensors"))
        error = try #require(shards.failure())
        #expect(error.file?.hasSuffix("two.safetensors") == true && error.code.kind == .badData)
    }

    @Test(
        "shards outside the folder",
        arguments: [
            "../one.safetensors", "/one.safetensors", "x/../../one.safetensors", "", ".", "..",
            "./one.safetensors", "x//one.safetensors", "one.safetensors/",
        ])
    func outside(_ path: String) throws {
        var shards = try Folder()
        shards.places["c"] = path
        #expect(shards.failure()?.code == .shardPath)
    }

    @Test("malformed indexes")
    func form() throws {
        let shards = try Folder()
        for text in [
            "{}", "[]", #"{"weight_map": []}"#, #"{"weight_map": {}}"#,
            #"{"weight_map": {"a": 1}}"#,
        ] {
            #expect(shards.failure(text)?.code == .shardIndex)
        }
        #expect(shards.failure("{")?.code == .json)
        #expect(shards.failure(#"{"weight_map":{"a":"x\u0000"}}"#)?.code == .shardPath)
        #expect(
            shards.failure(
                #"{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}"#)?.code
                == .shardTensorTwice)
    }

    @Test("a wrong total size and unread files are noted")
    func notes() throws {
        var shards = try Folder()
        for (total, count) in [("25", 1), ("24.0", 0), ("null", 0), (nil, 0)] as [(String?, Int)] {
            shards.total = total
            #expect(try shards.open().notes.count == count)
        }
        shards.total = nil
        try shards.write("stray", ["x"])
        let notes = try shards.open().notes
        #expect(
            notes == [
                "the weights are read from model.safetensors.index.json; "
                    + "not read: stray.safetensors"
            ])
        // A single file takes precedence over an index, as in transformers.
        try shards.write("model", ["y"])
        let checkpoint = try shards.open()
        #expect(checkpoint.tensors.map(\.name) == ["y"])
        #expect(checkpoint.notes.count == 1)
        #expect(checkpoint.notes.first?.contains("index.json") == true)
        #expect(try CheckpointInspection(checkpoint).notes == checkpoint.notes)
    }

    @Test("a model in shards is resolved like one in a single file")
    func resolved() throws {
        let folder = try TestFiles.temporaryFolder()
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny"), destination: folder.file("x"),
            maxShardSize: ShardSize("50KB"))
        let checkpoint = try Checkpoint(path: folder.file("x"))
        #expect(checkpoint.files.count > 5)
        try checkpoint.resolved(try #require(checkpoint.configuration)).validate()
        #expect(FileSystem.isFile(folder.file("x/tokenizer.json")))
        // From an index without a configuration.
        _ = try CheckpointConverter.convert(
            source: folder.file("x/model.safetensors.index.json"),
            destination: folder.file("y.safetensors"))
        #expect(
            try TestFiles.bytes(folder.file("y.safetensors"))
                == TestFiles.bytes(fixture("gpt2-tiny/model.safetensors")))
        // Over itself, but not over weights that are not read.
        try write([], to: folder.file("x/stray.safetensors"))
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try CheckpointConverter.convert(
                source: folder.file("x"), destination: folder.file("x"), force: true)
        }
        try FileSystem.remove(folder.file("x/stray.safetensors"))
        // Into fewer and larger files.
        _ = try CheckpointConverter.convert(
            source: folder.file("x"), destination: folder.file("x"),
            maxShardSize: ShardSize("1GB"), force: true)
        let files = try Checkpoint(path: folder.file("x")).files
        #expect(files.map(FileSystem.name) == ["model.safetensors"])
        #expect(throws: SwiftletError(.usage, "")) {
            try CheckpointConverter.convert(
                source: folder.file("x"), destination: folder.file("z.safetensors"),
                maxShardSize: ShardSize("50KB"))
        }
        #expect(!FileSystem.somethingIs(at: folder.file("z.safetensors")))
    }

    @Test("sizes are read as in huggingface_hub")
    func sizes() throws {
        for (text, bytes) in [
            ("5GB", 5_000_000_000), ("500MB", 500_000_000), ("1.5kb", 1500), (" 2 TB ", 2 << 40),
            ("1e3MB", 1_000_000_000), ("0.0015KB", 1),
        ] {
            let size = try ShardSize(text).bytes
            #expect(size == (text == " 2 TB " ? 2_000_000_000_000 : bytes), "\(text)")
        }
        for text in [
            "", "5", "5G", "GB", "5GiB", "5 B", "xGB", "nanGB", "infGB", "0GB", "-1GB", "1e30TB",
            "0.0001KB",
        ] {
            #expect(throws: SwiftletError(.usage, ""), "\(text)") { try ShardSize(text) }
        }
    }
}
