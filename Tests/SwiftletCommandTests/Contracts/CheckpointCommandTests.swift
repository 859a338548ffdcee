import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `init`, `convert` and `diff`: what they make and what they say.
struct CheckpointCommandTests {
    private let tiny = TestFiles.fixture("gpt2-tiny")
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    @Test("init: a seed gives the same bytes, another one others")
    func seeds() throws {
        let config = TestFiles.fixture("gpt2-tiny/config.json")
        func make(_ name: String, _ more: String...) throws -> [UInt8] {
            let answer = try Tool.run(
                ["init", config, folder.file(name), "--json"] + more
            ).object()
            answer.has("family", "parameters", "bytes")
            #expect(answer["family"] == .string("gpt2"))
            #expect(try answer.int("parameters") == 112_560)
            let bytes = try Files.read(folder.file("\(name)/model.safetensors"))
            #expect(try answer.int("bytes") == bytes.count)
            return bytes
        }
        let first = try make("a", "--seed", "1")
        #expect(try make("b", "--seed", "1") == first)
        #expect(try make("c", "--seed", "2") != first)
        #expect(try make("d") == make("e", "--seed", "0"))
    }

    @Test(
        "init: the model is complete, in the dtype asked for, and runs",
        arguments: ["f32", "f16", "bf16"])
    func initialised(_ dtype: String) throws {
        let model = folder.file("model")
        try Tool.run("init", tiny, model, "--seed", "4", "--dtype", dtype).succeeded()
        let facts = try Tool.run("inspect", model, "--json").object()
        let dtypes = Set(try #require(facts["tensors"]?.array).map { $0["dtype"]?.string })
        #expect(dtypes == [dtype.uppercased()])
        let answer = try Tool.run("score", model, "--jsonl", input: "{\"ids\": [1, 2, 3]}").object()
        // Fresh weights know nothing: close to one in 512.
        for value in try answer.doubles("logprobs") {
            #expect(abs(value + 6.238) < 0.5, "\(value)")
        }
    }

    @Test(
        "init: a configuration of a model that no command runs is refused",
        arguments: [
            ("\"num_key_value_heads\": 3, \"head_dim\": 4", "num_key_value_heads"),
            ("\"num_key_value_heads\": 4, \"head_dim\": 7", "do not form pairs"),
        ])
    func notRunnable(_ keys: String, _ words: String) throws {
        func config(_ keys: String) throws -> String {
            try Files.write(
                """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16,
                 "num_attention_heads": 4, "num_hidden_layers": 1, "intermediate_size": 8,
                 "vocab_size": 32, "rms_norm_eps": 1e-6, \(keys)}
                """, to: folder.file("config.json"))
        }
        let out = folder.file("out")
        try Tool.run("init", try config(keys), out).failed(65, "", mentioning: words)
        #expect(!Files.exists(out))
        try Tool.run("init", try config("\"num_key_value_heads\": 2, \"head_dim\": 4"), out)
            .succeeded()
    }

    @Test("convert: to bf16 it is the bf16 model, and keeps being it")
    func bfloat16() throws {
        let (narrow, wide) = (folder.file("narrow"), folder.file("wide"))
        let answer = try Tool.run("convert", tiny, narrow, "--dtype", "bf16", "--json").object()
        answer.has("tensors", "bytes_in", "bytes_out", "seconds")
        #expect(try answer.int("tensors") == 40)
        #expect(try answer.int("bytes_in") == 454_000)
        let size = try Files.read("\(narrow)/model.safetensors").count
        #expect(try answer.int("bytes_out") == size)
        try Tool.run("diff", narrow, TestFiles.fixture("gpt2-tiny-bf16")).succeeded()
        try Tool.run("convert", narrow, wide, "--dtype", "f32").succeeded()
        try Tool.run("diff", wide, narrow).succeeded()
        let config = try JSONValue.parse(ByteView(try Files.read("\(wide)/config.json")))
        #expect(config["dtype"] == .string("float32"))
        #expect(
            try Files.read("\(wide)/tokenizer.json") == Files.read("\(tiny)/tokenizer.json"))
        // Half of the bits are gone for good.
        #expect(try Tool.run("diff", wide, tiny).status == 1)
        try Tool.run("diff", wide, tiny, "--rtol", "0.004").succeeded()
    }

    @Test("convert --to hdf5: the same model, used where it lies, and back again")
    func hdf5() throws {
        let (tensorFlow, back) = (folder.file("tf"), folder.file("back"))
        let answer = try Tool.run("convert", tiny, tensorFlow, "--to", "hdf5", "--json").object()
        #expect(try answer.int("tensors") == 40)
        let facts = try Tool.run("inspect", tensorFlow, "--json").object()
        #expect(facts["format"] == .string("hdf5"))
        #expect(facts["tensors"]?.array?.first?["file"] == .string("tf_model.h5"))
        try Tool.run("diff", tensorFlow, tiny).succeeded()
        try Tool.run("diff", tensorFlow, tiny, "--via-libhdf5").succeeded()
        let input = "{\"ids\": [1, 2, 3, 4, 5]}"
        let expected = try Tool.run("score", tiny, "--jsonl", input: input)
        #expect(
            try Tool.run("score", tensorFlow, "--jsonl", input: input).output == expected.output)
        try Tool.run("convert", tensorFlow, back).succeeded()
        #expect(
            try Files.read("\(back)/model.safetensors") == Files.read("\(tiny)/model.safetensors"))
        // A folder's format and a file's ending.
        let lone = folder.file("lone.h5")
        try Tool.run("convert", tiny, lone).succeeded()
        try Tool.run("diff", lone, tiny).succeeded()
        #expect(try Tool.run("convert", tiny, "\(lone)2.h5", "--to", "safetensors").status == 64)
        #expect(
            try Tool.run("convert", tiny, folder.file("out"), "--to", "pickle").status == 64)
    }

    @Test("init --max-shard-size: shards and an index, the same weights")
    func initialisedShards() throws {
        let (whole, shards) = (folder.file("whole"), folder.file("shards"))
        try Tool.run("init", tiny, whole, "--seed", "9").succeeded()
        try Tool.run("init", tiny, shards, "--seed", "9", "--max-shard-size", "100KB").succeeded()
        #expect(FileSystem.somethingIs(at: "\(shards)/model.safetensors.index.json"))
        try Tool.run("diff", whole, shards).succeeded()
        #expect(
            try Tool.run("init", tiny, folder.file("x"), "--max-shard-size", "-1").status == 64)
    }

    @Test("convert: f16 is what PyTorch makes of it")
    func half() throws {
        try Tool.run("convert", tiny, folder.file("half"), "--dtype", "f16").succeeded()
        try Tool.run("diff", folder.file("half"), TestFiles.fixture("gpt2-tiny-f16")).succeeded()
    }

    @Test("convert: old files get the names and tensors of today's; what is dropped is said")
    func legacy() throws {
        let model = folder.file("model")
        let outcome = try Tool.run("convert", TestFiles.fixture("gpt2-tiny-legacy"), model)
        outcome.succeeded()
        #expect(outcome.errors.contains("6 buffers"))
        #expect(outcome.errors.contains("lm_head"))
        #expect(
            try Files.read("\(model)/model.safetensors")
                == Files.read("\(tiny)/model.safetensors"))
        let quiet = try Tool.run(
            "convert", TestFiles.fixture("gpt2-tiny-legacy"), folder.file("quiet"), "--quiet")
        #expect(quiet.errors == "")
    }

    @Test("convert: a single file to a single file")
    func loneFile() throws {
        let file = folder.file("new.safetensors")
        try Tool.run("convert", "\(tiny)/model.safetensors", file).succeeded()
        #expect(try Files.read(file) == Files.read("\(tiny)/model.safetensors"))
        #expect(try Files.listing(folder.path) == ["new.safetensors 454000"])
    }

    @Test("diff: equal, through the names of the family")
    func equal() throws {
        let answer = try Tool.run(
            "diff", tiny, TestFiles.fixture("gpt2-tiny-legacy"), "--json"
        ).object()
        #expect(answer.keys == ["equal", "compared", "only_in_a", "only_in_b", "differing"])
        #expect(answer["equal"] == .bool(true))
        #expect(try answer.int("compared") == 40)
        for key in ["only_in_a", "only_in_b", "differing"] { #expect(answer[key] == .array([])) }
    }

    @Test("diff: different values, tensors and shapes")
    func different() throws {
        let values = try Self.differences(tiny, TestFiles.fixture("gpt2-tiny-bf16"))
        let differing = try #require(values["differing"]?.array)
        #expect(differing.count > 30)
        for item in differing {
            let (a, r) = (try item.double("max_abs"), try item.double("max_rel"))
            #expect(a > 0 && a < 0.02 && r > 0 && r <= 1.0 / 256, "\(item.text())")
        }
        let models = try Self.differences(tiny, TestFiles.fixture("gpt2-variant"))
        #expect(models["equal"] == .bool(false))
        #expect(try models.strings("only_in_a").contains { $0.contains(".2.") })
        #expect(try models.strings("only_in_b").contains { $0.contains("head") })
        try Tool.run("diff", tiny, folder.file("nothing")).failed(66, folder.file("nothing"))
        try Tool.run("diff", folder.file("nothing"), tiny).failed(66, folder.file("nothing"))
    }

    /// The answer of a comparison that ends with status 1 and without complaint.
    private static func differences(_ a: String, _ b: String) throws -> JSONValue {
        let outcome = try Tool.run("diff", a, b, "--json")
        #expect(outcome.status == 1)
        #expect(outcome.errors == "")
        return try JSONValue.parse(ByteView(Array(outcome.output.utf8)))
    }
}
