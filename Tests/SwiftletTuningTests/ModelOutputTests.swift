import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// A result in one file or in shards.
@Suite struct ModelOutputTests {
    @Test func shardsHoldTheTensorsOfOneFile() throws {
        let folder = try TestFiles.temporaryFolder()
        let model = try LanguageModel(path: TestFiles.fixture("decoders/llama"))
        let parameters = try ParameterSet(model, training: .head)
        let output = ModelFolder(source: model)
        for dtype in [DType.f32, .bf16] {
            let (one, many) = (folder.file("one-\(dtype)"), folder.file("many-\(dtype)"))
            for path in [one, many] {
                try FileSystem.createFolder(path)
                #expect(!output.isComplete(in: path))
            }
            _ = try output.write(parameters, dtype: dtype, shardSize: nil, into: one)
            _ = try output.write(
                parameters, dtype: dtype, shardSize: ShardSize(bytes: 20_000), into: many)
            #expect(output.isComplete(in: one) && output.isComplete(in: many))
            #expect(FileSystem.isFile("\(one)/model.safetensors"))
            #expect(!FileSystem.somethingIs(at: "\(many)/model.safetensors"))
            // The index is written last: without it the result is not complete.
            let (whole, shards) = (try Checkpoint(path: one), try Checkpoint(path: many))
            #expect(shards.files.count > 2)
            #expect(whole.tensors.count == shards.tensors.count)
            for tensor in whole.tensors {
                let other = try #require(shards.tensors.first { $0.name == tensor.name })
                #expect(try tensor.bytes.copy() == other.bytes.copy(), "\(tensor.name)")
                #expect(tensor.dtype == dtype)
            }
            try FileSystem.remove("\(many)/model.safetensors.index.json")
            #expect(!output.isComplete(in: many))
        }
    }
}
