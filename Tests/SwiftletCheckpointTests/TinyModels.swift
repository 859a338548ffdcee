import Foundation
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// A path in a fixture.
func fixture(_ path: String) -> String { TestFiles.fixture(path) }

/// Makes a symbolic link.
func link(_ target: String, _ path: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
}

/// Writes a safetensors file of those tensors.
func write(
    _ tensors: [StoredTensor], to path: String, metadata: [(key: String, value: String)] = []
) throws {
    let writer = try SafetensorsWriter(
        path: path, tensors: tensors.map { ($0.name, $0.dtype, $0.shape) }, metadata: metadata)
    for tensor in tensors { try writer.write(tensor.bytes) }
    try writer.commit()
}

/// A tensor of singles.
func floats(_ name: String, _ values: [Float], shape: [Int]? = nil) -> StoredTensor {
    StoredTensor(
        name: name, dtype: .f32, shape: shape ?? [values.count],
        bytes: ByteView(
            values.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            }), file: "memory")
}

/// The tiny GPT-2 with something about it changed.
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

    /// The model resolved, by way of a folder.
    func resolved() throws -> ResolvedCheckpoint {
        let folder = try TestFiles.temporaryFolder()
        try write(to: folder.path)
        let checkpoint = try Checkpoint(path: folder.path)
        return try checkpoint.resolved(try #require(checkpoint.configuration))
    }
}
