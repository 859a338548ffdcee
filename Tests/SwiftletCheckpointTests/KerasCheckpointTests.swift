import SwiftletBytes
import SwiftletHDF5
import Testing
import _SwiftletTestSupport

@testable import SwiftletCheckpoint

/// Files written by transformers' TensorFlow classes, and the same models saved by its PyTorch classes.
@Suite("HDF5 files of transformers' TensorFlow classes")
struct KerasCheckpointTests {
    static let folders: [(folder: String, reference: String)] = [
        ("gpt2", "gpt2"), ("gpt2-old", "gpt2"), ("gpt2-shards", "gpt2"),
        ("gpt2-base", "gpt2-base"), ("gpt2-classes", "gpt2-classes"), ("opt", "opt"),
        ("opt-old", "opt"), ("opt-base", "opt-base"),
        ("opt-350m", "opt-350m"), ("opt-350m-shards", "opt-350m"),
    ]

    private func reference(_ name: String) throws -> Checkpoint {
        try Checkpoint(path: fixture("keras/\(name)/reference.safetensors"))
    }

    @Test("reading agrees with the PyTorch classes", arguments: folders)
    func reading(_ folder: String, _ name: String) throws {
        let checkpoint = try Checkpoint(path: fixture("keras/\(folder)"))
        #expect(checkpoint.format == "hdf5")
        let reference = try reference(name)
        let comparison = try CheckpointComparison.compare(checkpoint, reference)
        #expect(comparison.isEqual, "\(comparison.differing.map(\.name))")
        #expect(comparison.compared == reference.tensors.count)
        let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
        #expect(resolved.isComplete)
        #expect(resolved.tiesHead || name.hasSuffix("base"))
    }

    @Test("converting to safetensors gives the PyTorch class's file", arguments: folders)
    func toSafetensors(_ folder: String, _ name: String) throws {
        let output = try TestFiles.temporaryFolder()
        _ = try CheckpointConverter.convert(
            source: fixture("keras/\(folder)"), destination: output.file("out"))
        #expect(
            try TestFiles.bytes(output.file("out/model.safetensors"))
                == TestFiles.bytes(fixture("keras/\(name)/reference.safetensors")))
    }

    @Test("kernels are mapped as transposes, and opening copies nothing")
    func kernelsAreViews() throws {
        let checkpoint = try Checkpoint(path: fixture("keras/opt"))
        let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
        let up = try resolved.required("layers.1.feedForward.up.weight")
        #expect(up.shape == [24, 16])
        #expect(up.transposeOf?.shape == [16, 24])
        #expect(up.transposeOf?.isView == true)
        #expect(!up.isView)
        #expect(try resolved.required("tokenEmbedding.weight").isView)
    }

    @Test(
        "writing gives the arrays, attributes and bytes of the TensorFlow class", arguments: folders
    )
    func writing(_ folder: String, _ name: String) throws {
        guard !folder.hasSuffix("old") else { return }
        let output = try TestFiles.temporaryFolder()
        let source = output.file("in")
        try FileSystem.createFolder(source)
        for (from, to) in [
            ("\(folder)/config.json", "config.json"),
            ("\(name)/reference.safetensors", "model.safetensors"),
        ] { try AtomicFile.write(TestFiles.bytes(fixture("keras/\(from)")), to: "\(source)/\(to)") }
        let limit = folder.hasSuffix("shards") ? try ShardSize("4KB") : nil
        _ = try CheckpointConverter.convert(
            source: source, destination: output.file("out"), format: .hdf5, maxShardSize: limit)
        let back = try Checkpoint(path: output.file("out"))
        #expect(try CheckpointComparison.compare(back, reference(name)).isEqual)
        guard limit == nil else {
            #expect(back.files.count > 1)
            return
        }
        let ours = try HDF5File(path: output.file("out/tf_model.h5"))
        let theirs = try HDF5File(path: fixture("keras/\(folder)/tf_model.h5"))
        func byPath(_ file: HDF5File) throws -> [String: HDF5Dataset] {
            Dictionary(uniqueKeysWithValues: try file.datasets.map { ($0.path, $0) })
        }
        // Keras numbers the models of a class in one process.
        func plain(_ path: String) -> String {
            path.replacing(#/causal_lm_\d+/#, with: "causal_lm")
        }
        let (a, b) = (try byPath(ours), try byPath(theirs))
        #expect(Set(a.keys) == Set(b.keys.map(plain)))
        for (path, dataset) in b {
            let own = try #require(a[plain(path)])
            #expect(own.shape == dataset.shape)
            #expect(try own.dtype == dataset.dtype)
            #expect(own.storage == .contiguous)
            #expect(try own.bytes().copy() == dataset.bytes().copy(), "\(path)")
        }
        #expect(try ours.kerasWeights.map(\.layer) == theirs.kerasWeights.map(\.layer))
        #expect(
            try Set(ours.kerasWeights.map(\.name))
                == Set(theirs.kerasWeights.map { plain($0.name) }))
        for attribute in ["backend", "keras_version"] {
            let value = try ours.root.attribute(attribute)?.string
            #expect(try value == theirs.root.attribute(attribute)?.string)
        }
    }

    @Test("the TensorFlow names in a map correspond to its PyTorch names")
    func names() throws {
        var checked = 0
        for names in try NameMap.all() {
            for row in names.rows {
                guard let keras = names.kerasName(row, layer: 3, model: "m") else { continue }
                let (name, isKernel) = KerasNames.moduleName(layer: "x", name: keras)
                let prefixes = names.prefixes.map {
                    names.checkpointName(row, layer: 3, prefix: $0)
                }
                #expect(prefixes.contains(name), "\(keras)")
                // A kernel is the transpose of a Linear's weight.
                #expect(!isKernel || row.order == .outIn)
                checked += 1
            }
        }
        #expect(checked == 16 + 1 + 22)
    }

    @Test(
        "names are converted as in transformers",
        arguments: [
            ("m/a/kernel:0", "a.weight"), ("m/h_._11/ln/gamma:0", "h.11.ln.weight"),
            ("m/x___y/beta:0", "y.bias"), ("final_logits_bias:0", "final_logits_bias"),
            ("m//a/embeddings:0", "a.weight"), ("m/layers.2/fc1/bias:0", "layers.2.fc1.bias"),
        ])
    func nameRules(_ keras: String, _ expected: String) {
        #expect(KerasNames.moduleName(layer: "l", name: keras).name == expected)
    }

    @Test("lists of names too long for an attribute are split as in Keras, and joined")
    func longLists() throws {
        let folder = try TestFiles.temporaryFolder()
        let config =
            #"{"model_type":"gpt2","n_layer":120,"n_embd":2,"n_head":1,"n_positions":2,"#
            + #""vocab_size":3,"architectures":["GPT2LMHeadModel"]}"#
        try AtomicFile.write(Array(config.utf8), to: folder.file("config.json"))
        _ = try CheckpointInitializer.initialize(
            configPath: folder.file("config.json"), folder: folder.file("in"), seed: 5)
        _ = try CheckpointConverter.convert(
            source: folder.file("in"), destination: folder.file("out"), format: .hdf5)
        let file = try HDF5File(path: folder.file("out/tf_model.h5"))
        let layer = try #require(try file.root.group("transformer"))
        #expect(try layer.attribute("weight_names") == nil)
        #expect(try layer.attribute("weight_names1")?.strings?.isEmpty == false)
        #expect(try file.kerasWeights.count == 120 * 12 + 4)
        let equal = try CheckpointComparison.compare(
            Checkpoint(path: folder.file("in")), Checkpoint(path: folder.file("out"))
        ).isEqual
        #expect(equal)
        // The C library reads the same.
        let trusted = try Checkpoint(path: folder.file("out"), hdf5: .library)
        #expect(
            try CheckpointComparison.compare(trusted, Checkpoint(path: folder.file("in"))).isEqual)
    }

    @Test("the C library reads the same from every file", arguments: folders)
    func throughTheLibrary(_ folder: String, _ name: String) throws {
        let trusted = try Checkpoint(path: fixture("keras/\(folder)"), hdf5: .library)
        #expect(
            trusted.tensors.map(\.name)
                == (try Checkpoint(path: fixture("keras/\(folder)")))
                .tensors.map(\.name))
        #expect(try CheckpointComparison.compare(trusted, reference(name)).isEqual)
    }
}
