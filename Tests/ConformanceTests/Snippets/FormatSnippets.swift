import Swiftlet
import Testing

/// The snippets in the doc comments of the file formats.
@Suite struct FormatSnippets {
    @Test func safetensorsFile() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletSafetensors/SafetensorsFile.swift
                let file = try SafetensorsFile(path: "model.safetensors")
                if let tensor = file["wte.weight"] {
                    print(try tensor.withFloats { $0.reduce(0, +) / Float($0.count) })  // the mean
                }
                // End of snippet
            }
        }
    }

    @Test func ggufFile() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletGGUF/GGUFFile.swift
                let file = try GGUFFile(path: "model.gguf")
                print(file.value("general.architecture")?.text ?? "unknown")
                if let tensor = file["Q4_K"] {
                    print(tensor.dtype, tensor.shape, try tensor.widened().prefix(4))
                }
                // End of snippet
                #expect(file["Q4_K"]?.dtype == .q4_k)
            }
        }
    }

    @Test func ggufWriter() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletGGUF/Writing/GGUFWriter.swift
                let writer = try GGUFWriter(
                    path: "small.gguf", tensors: [("a", .f32, [2])],
                    metadata: [("general.architecture", .string("llama"))])
                try writer.write([0, 0, 128, 63, 0, 0, 0, 64])  // 1 and 2
                try writer.commit()
                // End of snippet
                #expect(try GGUFFile(path: "small.gguf")["a"]?.widened() == [1, 2])
            }
        }
    }

    @Test func torchArchive() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletTorchArchive/TorchArchive.swift
                let archive = try TorchArchive(path: "pytorch_model.bin")
                for tensor in archive.tensors { print(tensor.name, tensor.dtype, tensor.shape) }
                // End of snippet
                #expect(archive.tensors.contains { $0.dtype == .f16 })
            }
        }
    }

    @Test func hdf5File() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletHDF5/HDF5File.swift
                let file = try HDF5File(path: "tf_model.h5")
                for weight in try file.kerasWeights {
                    let tensor = try weight.dataset.tensor(named: weight.name)
                    print(weight.layer, tensor.name, tensor.shape)
                }
                // End of snippet
                #expect(try file.kerasWeights.count > 0)
            }
        }
    }
}
