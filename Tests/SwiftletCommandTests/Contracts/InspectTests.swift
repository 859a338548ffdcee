import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `inspect`: what is in a checkpoint, and what is wrong with it.
struct InspectTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    @Test("a complete model")
    func complete() throws {
        let answer = try Tool.run("inspect", TestFiles.fixture("gpt2-tiny"), "--json").object()
        answer.has(
            "format", "metadata", "family", "parameters", "tensors", "missing", "unexpected",
            "misshapen")
        #expect(answer["format"] == .string("safetensors"))
        #expect(answer["family"] == .string("gpt2"))
        #expect(answer["metadata"]?["format"] == .string("pt"))
        // 512·48 + 64·48 + 3·(12·48² + 13·48) + 2·48
        #expect(try answer.int("parameters") == 112_560)
        for key in ["missing", "unexpected", "misshapen"] { #expect(answer[key] == .array([])) }
        let tensors = try #require(answer["tensors"]?.array)
        #expect(tensors.count == 40)
        for tensor in tensors {
            tensor.has("name", "dtype", "shape", "bytes", "file")
            #expect(tensor["file"] == .string("model.safetensors"))
            let elements = try tensor.ints("shape").reduce(1, *)
            #expect(try tensor.int("bytes") == 4 * elements)
        }
        let embedding = try #require(
            tensors.first { $0["name"] == .string("transformer.wte.weight") })
        #expect(try embedding.ints("shape") == [512, 48])
        #expect(embedding["dtype"] == .string("F32"))
    }

    @Test("the text has a line per fact and a column per tensor's fact")
    func text() throws {
        let text = try Tool.run("inspect", TestFiles.fixture("gpt2-tiny")).succeeded().output
        #expect(text.contains("transformer.h.0.attn.c_attn.bias    F32    [144]         576\n"))
        #expect(text.contains("family      gpt2\n"))
        let statistics = try Tool.run("inspect", TestFiles.fixture("gpt2-tiny"), "--stats")
            .succeeded().lines
        #expect(statistics.contains { $0.hasPrefix("name ") && $0.hasSuffix(" NaN") })
    }

    @Test("buffers and a duplicate head in old files are neither faults nor parameters")
    func legacy() throws {
        let answer = try Tool.run("inspect", TestFiles.fixture("gpt2-tiny-legacy"), "--json")
            .object()
        #expect(try answer.int("parameters") == 112_560)
        #expect(answer["unexpected"] == .array([]))
        let file = try Tool.run(
            "inspect", TestFiles.fixture("gpt2-tiny-legacy/model.safetensors"), "--json"
        ).object()
        #expect(file["family"] == .string("gpt2"))
        #expect(try file.int("parameters") == 112_560)
    }

    @Test("tensors that are missing, unexpected or misshapen are shown; the status says so")
    func faults() throws {
        let model = try Files.copy("gpt2-tiny", to: folder.file("model"))
        let weights = "\(model)/model.safetensors"
        try Files.replace("transformer.h.0.ln_1.bias", by: "transformer.h.0.ln_1.bios", in: weights)
        try Files.replace("[48,192]", by: "[192,48]", in: weights)
        let outcome = try Tool.run("inspect", model, "--json")
        outcome.failed(65, model, output: outcome.output)
        let answer = try JSONValue.parse(ByteView(Array(outcome.output.utf8)))
        #expect(answer["missing"] == .array([.string("transformer.h.0.ln_1.bias")]))
        #expect(answer["unexpected"] == .array([.string("transformer.h.0.ln_1.bios")]))
        let misshapen = try #require(answer["misshapen"]?.array)
        #expect(misshapen.count == 1)
        #expect(try misshapen[0].string("name").hasSuffix(".mlp.c_fc.weight"))

        let text = try Tool.run("inspect", model)
        text.failed(65, model, output: text.output)
        for word in ["missing", "unexpected", "misshapen", "ln_1.bios"] {
            #expect(text.output.contains(word))
        }
        // What inspect finds stops the commands that run the model or rewrite it.
        try Tool.run("score", model, "a").failed(65, model)
        try Tool.run("convert", model, folder.file("out")).failed(65, model)
        #expect(!Files.exists(folder.file("out")))
    }

    @Test("--stats reads the data; null where there is no arithmetic")
    func statistics() throws {
        let floats: [Float] = [1, -2.5, .nan, 4.5]
        let header = """
            {"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},\
            "b":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]},\
            "c":{"dtype":"BF16","shape":[2],"data_offsets":[16,20]},\
            "d":{"dtype":"BOOL","shape":[4],"data_offsets":[20,24]}}
            """
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        bytes += Array(header.utf8)
        for value in floats {
            bytes += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
        // 1 and -2 in bfloat16, then four truth values.
        bytes += [0x80, 0x3F, 0x00, 0xC0, 0, 1, 1, 0]
        let file = try Files.write(bytes, to: folder.file("x.safetensors"))
        let answer = try Tool.run("inspect", file, "--stats", "--json").object()
        let tensors = try #require(answer["tensors"]?.array)
        #expect(tensors.count == 4)
        func tensor(_ name: String) throws -> JSONValue {
            try #require(tensors.first { $0["name"] == .string(name) })
        }
        let numbers = try ["min", "max", "mean", "nan"].map { try tensor("a").double($0) }
        #expect(numbers == [-2.5, 4.5, 1, 1])
        #expect(try tensor("c").double("min") == -2)
        #expect(try tensor("c").double("mean") == -0.5)
        for key in ["min", "max", "mean", "nan"] {
            #expect(try tensor("b")[key] == .null)
            #expect(try tensor("d")[key] == .null)
        }
        #expect(answer["family"] == .null)
        // Without --stats the keys are not there.
        let plain = try Tool.run("inspect", file, "--json").object()
        #expect(plain["tensors"]?.array?[0].keys == ["name", "dtype", "shape", "bytes", "file"])
    }
}
