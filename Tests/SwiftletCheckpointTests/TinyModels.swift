import Foundation
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// Returns a path in `fixtures/`.
func fixture(_ path: String) -> String { TestFiles.fixture(path) }

/// Creates a symbolic link.
func link(_ target: String, _ path: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
}

/// Writes tensors to a safetensors file.
func write(
    _ tensors: [StoredTensor], to path: String, metadata: [(key: String, value: String)] = []
) throws {
    let writer = try SafetensorsWriter(
        path: path, tensors: tensors.map { ($0.name, $0.dtype, $0.shape) }, metadata: metadata)
    for tensor in tensors { try writer.write(tensor.bytes) }
    try writer.commit()
}

/// Creates an F32 tensor.
func floats(_ name: String, _ values: [Float], shape: [Int]? = nil) -> StoredTensor {
    StoredTensor(
        name: name, dtype: .f32, shape: shape ?? [values.count],
        bytes: ByteView(
            values.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            }), file: "memory")
}

/// The tiny GPT-2, to be changed by a test.
struct TinyModel {
    var configuration: JSONObject
    var tensors: [StoredTensor]

    init(_ name: String = "gpt2-tiny") throws {
        let object = try JSONValue.read(path: fixture("\(name)/config.json")).object
        configuration = try #require(object)
        tensors = try SafetensorsFile(path: fixture("\(name)/model.safetensors")).tensors
    }

    func tensor(_ name: String) throws -> StoredTensor {
        try #require(tensors.first { $0.name == name })
    }

    mutating func remove(_ name: String) throws {
        let position = try #require(tensors.firstIndex { $0.name == name })
        tensors.remove(at: position)
    }

    /// Writes the model into a folder.
    func write(to folder: String) throws {
        try FileSystem.createFolder(folder)
        let text = JSONValue.object(configuration).text(pretty: true)
        try AtomicFile.write(Array(text.utf8), to: "\(folder)/config.json")
        try SwiftletCheckpointTests.write(
            tensors, to: "\(folder)/model.safetensors", metadata: [("format", "pt")])
    }

    /// Writes the model into a folder, opens and resolves it.
    func resolved() throws -> ResolvedCheckpoint {
        let folder = try TestFiles.temporaryFolder()
        try write(to: folder.path)
        let checkpoint = try Checkpoint(path: folder.path)
        return try checkpoint.resolved(try #require(checkpoint.configuration))
    }
}
