import SwiftletBytes
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Adapters that cannot be used, each refused with its file and place.
@Suite struct AdapterRefusalTests {
    private static let source = TestFiles.fixture("adapters/gpt2-all")

    private typealias Tensors = [String: (dtype: DType, shape: [Int], bytes: [UInt8])]

    /// A copy of an adapter with changes.
    ///
    /// - Parameters:
    ///   - name: the fixture.
    ///   - keys: values of the configuration, as JSON.
    ///   - without: keys that are removed.
    ///   - change: changes the tensors.
    /// - Returns: the folder of the copy.
    /// - Throws: the errors of reading and writing.
    private func adapter(
        _ name: String = "gpt2-all", keys: [String: String] = [:], without: [String] = [],
        tensors change: (inout Tensors) -> Void = { _ in }
    ) throws -> TemporaryFolder {
        let (source, copy) = (
            TestFiles.fixture("adapters/\(name)"), try TestFiles.temporaryFolder()
        )
        var object = try #require(JSONValue.read(path: "\(source)/adapter_config.json").object)
        for (key, text) in keys { object[key] = try JSONValue.parse(ByteView(Array(text.utf8))) }
        for key in without { object[key] = nil }
        try AtomicFile.write(
            Array(JSONValue.object(object).text().utf8), to: copy.file("adapter_config.json"))
        var tensors: Tensors = [:]
        for tensor in try SafetensorsFile(path: "\(source)/adapter_model.safetensors").tensors {
            tensors[tensor.name] = (tensor.dtype, tensor.shape, try tensor.bytes.copy())
        }
        change(&tensors)
        let items = tensors.sorted { $0.key < $1.key }
        let writer = try SafetensorsWriter(
            path: copy.file("adapter_model.safetensors"),
            tensors: items.map { ($0.key, $0.value.dtype, $0.value.shape) })
        for item in items { try writer.write(item.value.bytes) }
        try writer.commit()
        return copy
    }

    /// Expects opening and using an adapter to fail with a file and a place.
    private func expectFailure(
        _ folder: TemporaryFolder, _ code: SwiftletError.Code, _ file: String, at place: String,
        model name: String = "gpt2", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/\(name)"))
        let error = #expect(throws: SwiftletError.self, sourceLocation: sourceLocation) {
            try model.adapted(by: folder.path)
        }
        #expect(error?.code == code, "\(error as Any)", sourceLocation: sourceLocation)
        #expect(error?.file == folder.file(file), sourceLocation: sourceLocation)
        #expect(error?.place?.contains(place) == true, sourceLocation: sourceLocation)
    }

    @Test(
        arguments: [
            ("use_dora", "true"), ("bias", "\"all\""), ("bias", "\"lora_only\""),
            ("layer_replication", "[[0,1]]"), ("trainable_token_indices", "[1]"),
            ("trainable_token_indices", "{\"wte\":[1]}"), ("target_parameters", "[\"x\"]"),
            ("init_lora_weights", "\"pissa\""), ("init_lora_weights", "\"pissa_niter_4\""),
            ("init_lora_weights", "\"olora\""), ("init_lora_weights", "\"loftq\""),
            ("init_lora_weights", "\"corda\""), ("init_lora_weights", "\"lora_ga\""),
            ("lora_bias", "true"), ("use_qalora", "true"), ("use_bdlora", "{\"nblocks\":1}"),
            ("alora_invocation_tokens", "[5]"), ("arrow_config", "{\"top_k\":3}"),
            ("kasa_config", "{\"beta\":1}"), ("monteclora_config", "{\"a\":1}"),
            ("velora_config", "{\"a\":1}"), ("ensure_weight_tying", "true"),
            ("peft_type", "\"IA3\""), ("something_new", "1"), ("something_new", "\"x\""),
        ])
    func keysThatChangeNumbersAreRefused(_ key: String, _ value: String) throws {
        let folder = try adapter(keys: [key: value])
        try expectFailure(
            folder, .adapterUnsupported, "adapter_config.json", at: "key \"\(key)\"")
    }

    @Test(
        arguments: [
            ("something_new", "null"), ("something_new", "false"), ("something_new", "[]"),
            ("something_new", "{}"), ("init_lora_weights", "\"gaussian\""),
            ("init_lora_weights", "false"), ("lora_dropout", "0.5"), ("inference_mode", "false"),
            ("fan_in_fan_out", "false"), ("task_type", "null"), ("revision", "\"main\""),
        ])
    func keysThatDoNotAreAccepted(_ key: String, _ value: String) throws {
        let folder = try adapter(keys: [key: value])
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2"))
        _ = try model.adapted(by: folder.path)
    }

    @Test(
        arguments: [
            ("r", "0"), ("r", "-1"), ("r", "1.5"), ("r", "\"8\""), ("r", "99999999999999999999"),
            ("r", "null"), ("lora_alpha", "\"x\""), ("lora_alpha", "1e300"),
            ("use_rslora", "1"), ("target_modules", "5"), ("target_modules", "[1]"),
            ("target_modules", "\"(\""), ("target_modules", "null"),
            ("modules_to_save", "\"lm_head\""), ("rank_pattern", "[]"),
            ("rank_pattern", "{\"c_attn\":0}"), ("rank_pattern", "{\"(\":4}"),
            ("alpha_pattern", "{\"c_attn\":null}"), ("layers_to_transform", "[\"a\"]"),
            ("exclude_modules", "7"),
        ])
    func valuesOutOfRangeAreRefused(_ key: String, _ value: String) throws {
        let folder = try adapter(keys: [key: value])
        try expectFailure(
            folder, .adapterConfiguration, "adapter_config.json", at: "key \"\(key)\"")
    }

    @Test(arguments: ["peft_type", "target_modules"])
    func missingKeysAreRefused(_ key: String) throws {
        try expectFailure(
            adapter(without: [key]), .adapterConfiguration, "adapter_config.json",
            at: "key \"\(key)\"")
    }

    @Test func layersNeedTargetsByName() throws {
        let folder = try adapter(keys: [
            "layers_to_transform": "[0]", "target_modules": "\"all-linear\"",
        ])
        try expectFailure(
            folder, .adapterConfiguration, "adapter_config.json",
            at: "key \"layers_to_transform\"")
    }

    /// What is in the file must be what the configuration says.
    @Test func fileAndConfigurationMustAgree() throws {
        let name = "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight"
        for rank in [1, 5, 1 << 20] {
            try expectFailure(
                adapter(keys: ["r": "\(rank)"]), .adapterTensor,
                "adapter_model.safetensors", at: name)
        }
        for (key, value) in [
            ("exclude_modules", #"["c_attn"]"#), ("layers_to_transform", "[1]"),
            ("target_modules", #"["c_fc", "c_proj"]"#),
        ] {
            try expectFailure(
                adapter(keys: [key: value]), .adapterTensor, "adapter_model.safetensors",
                at: "transformer.h.0.")
        }
        try expectFailure(
            adapter(keys: ["target_modules": #"["c_attn", "c_fc", "c_proj", "lm_head"]"#]),
            .adapterTensor, "adapter_model.safetensors", at: "lm_head.lora_A")
        try expectFailure(
            adapter(keys: ["modules_to_save": #"["lm_head"]"#]), .adapterTensor,
            "adapter_model.safetensors", at: "lm_head.weight")
        try expectFailure(
            adapter("qwen2-layers", keys: ["layers_to_transform": "null"]), .adapterTensor,
            "adapter_model.safetensors", at: "model.layers.0.", model: "qwen2")
    }

    @Test func tensorsThatDoNotFitAreRefused() throws {
        let down = "base_model.model.transformer.h.1.mlp.c_fc.lora_A.weight"
        let up = down.replacing("lora_A", with: "lora_B")
        func check(
            _ place: String, _ code: SwiftletError.Code = .adapterTensor,
            _ change: (inout Tensors) -> Void
        ) throws {
            try expectFailure(
                adapter(tensors: change), code, "adapter_model.safetensors", at: place)
        }
        for name in [down, up] {
            try check(name) { $0[name] = nil }
            for shape in [[], [0], [512], [4, 0], [2, 2, 32], [1, 128], [32, 4]] {
                let count = shape.reduce(1, *)
                try check(name) {
                    guard $0[name]?.shape != shape else { return $0[name] = nil }
                    $0[name] = (.f32, shape, [UInt8](repeating: 0, count: 4 * count))
                }
            }
            try check(name, .weightDType) {
                guard let old = $0[name] else { return }
                $0[name] = (.i32, old.shape, old.bytes)
            }
        }
        let one = [UInt8](repeating: 1, count: 4)
        try check("elsewhere") { $0["elsewhere.lora_A.weight"] = (.f32, [1], one) }
        try check("h.9.") { $0[down.replacing("h.1", with: "h.9")] = (.f32, [1], one) }
        try check("ln_f") { $0["base_model.model.transformer.ln_f.weight"] = (.f32, [1], one) }
        for dtype in [DType.f32, .f16] {
            let bytes = [UInt8](repeating: 1, count: dtype == .f32 ? 128 : 64)
            try check("ln_f") {
                $0["base_model.model.transformer.ln_f.weight"] = (dtype, [32], bytes)
            }
        }
        for (part, code) in [
            ("lora_magnitude_vector.weight", SwiftletError.Code.adapterUnsupported),
            ("lora_B.bias", .adapterUnsupported), ("base_layer.bias", .adapterUnsupported),
        ] {
            let name = down.replacing("lora_A.weight", with: part)
            try check(part, code) { $0[name] = (.f32, [1], one) }
        }
        try check("lora_embedding_A", .adapterUnsupported) {
            $0["base_model.model.transformer.wte.lora_embedding_A"] = (.f32, [1], one)
        }
    }

    @Test func wholeHeadsThatDoNotFitAreRefused() throws {
        let name = "base_model.model.lm_head.weight"
        for (dtype, shape) in [(DType.f32, [32, 96]), (.f32, [3072]), (.i32, [96, 32])] {
            let folder = try adapter("llama-head") {
                $0[name] = (dtype, shape, [UInt8](repeating: 0, count: 4 * 96 * 32))
            }
            try expectFailure(
                folder, .adapterTensor, "adapter_model.safetensors", at: name, model: "llama")
        }
        // Without the key, only a copy of the base weight may be there.
        try expectFailure(
            adapter("llama-head", keys: ["modules_to_save": "null"]), .adapterTensor,
            "adapter_model.safetensors", at: name, model: "llama")
    }

    /// The model's modules are named where the adapter's are not among them.
    @Test func anotherModelsAdapterIsRefused() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/llama"))
        let error = #expect(throws: SwiftletError.self) { try model.adapted(by: Self.source) }
        #expect(error?.code == .adapterTensor)
        #expect(error?.hint?.contains("q_proj, k_proj, v_proj, o_proj") == true)
    }

    @Test func damagedFilesAreRefused() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2"))
        let folder = try adapter()
        for (name, step) in [("adapter_config.json", 23), ("adapter_model.safetensors", 997)] {
            let bytes = try TestFiles.bytes(folder.file(name))
            for count in stride(from: 0, to: bytes.count, by: step) {
                try AtomicFile.write(Array(bytes[..<count]), to: folder.file(name))
                #expect(throws: SwiftletError.self) { try model.adapted(by: folder.path) }
            }
            try DamagedFile.flips(bytes, in: 0..<min(bytes.count, 1500), step: 37) {
                try AtomicFile.write($0, to: folder.file(name))
                do {
                    _ = try model.adapted(by: folder.path)
                } catch is SwiftletError {
                }
            }
            try AtomicFile.write(bytes, to: folder.file(name))
        }
        for text in ["", "[]", "7", "\"x\"", "null", "{}", "{\"peft_type\":"] {
            try AtomicFile.write(Array(text.utf8), to: folder.file("adapter_config.json"))
            #expect(throws: SwiftletError.self) { try model.adapted(by: folder.path) }
        }
    }

    @Test func missingFilesAreNoInput() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2"))
        let folder = try TestFiles.temporaryFolder()
        for _ in 0..<2 {
            let error = #expect(throws: SwiftletError.self) { try model.adapted(by: folder.path) }
            #expect(error?.code.kind == .noInput)
            try AtomicFile.write(
                TestFiles.bytes("\(Self.source)/adapter_config.json"),
                to: folder.file("adapter_config.json"))
        }
    }
}
