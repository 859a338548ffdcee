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
