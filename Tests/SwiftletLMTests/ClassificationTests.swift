import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

@Suite struct ClassificationTests {
    static let folders = Decoders.folders.filter { $0.hasSuffix("-classes") }

    private func model(_ folder: String) throws -> LanguageModel {
        try LanguageModel(path: TestFiles.fixture("decoders/\(folder)"))
    }

    /// A folder's model with some keys of its configuration changed.
    private func model(_ folder: String, _ keys: JSONObject) throws -> LanguageModel {
        let source = TestFiles.fixture("decoders/\(folder)")
        let copy = try TestFiles.temporaryFolder()
        var object = try #require(try JSONValue.read(path: "\(source)/config.json").object)
        for pair in keys.pairs { object[pair.key] = pair.value }
        try AtomicFile.write(
            Array(JSONValue.object(object).text().utf8), to: copy.file("config.json"))
        let weights = try TestFiles.bytes("\(source)/model.safetensors")
        try AtomicFile.write(weights, to: copy.file("model.safetensors"))
        // The weights stay mapped when the folder is gone.
        return try LanguageModel(path: copy.path)
    }

    @Test func allFamiliesArePresent() {
        let families = Self.folders.map { $0.prefix { $0 != "-" } }
        #expect(families == ["gpt2", "gpt_neox", "llama", "opt", "qwen2"])
    }

    @Test(arguments: folders)
    func classesMatchTransformers(_ folder: String) throws {
        let classifier = try Classifier(
            try model(folder), context: try ComputeContext(threadCount: 2))
        let texts = try GoldenFile.json("decoders/\(folder)/golden.json").elements("texts")
        #expect(texts.count >= 3)
        // Packed into one batch, and each alone.
        let packed = try classifier.classify(texts.map { try $0.tokens("ids") })
        for (result, golden) in zip(packed, texts) {
            let alone = try classifier.classify([golden.tokens("ids")])
            for result in [result] + alone {
                expectClose(result.logits, try golden.doubles("logits"), within: 1e-4)
                expectClose(
                    result.probabilities, try golden.doubles("probabilities"),
                    within: 1e-4)
                #expect(result.label == golden["label"]?.string)
                #expect(classifier.labels[result.index] == result.label)
            }
        }
    }

    @Test func thePaddingTokenCountsLikeAnyOther() throws {
        let classifier = try Classifier(
            try model("llama-classes"), context: try ComputeContext(threadCount: 1))
        let results = try classifier.classify([[5, 7], [5, 7, 0]])
        #expect(worstDifference(results[0].logits, results[1].logits, within: 0.01) != nil)
    }

    @Test func resultsDoNotDependOnThreads() throws {
        let model = try model("opt-classes")
        let texts: [[Int32]] = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10]]
        let results = try [1, 2, 3].map {
            try Classifier(model, context: try ComputeContext(threadCount: $0)).classify(texts)
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// The sigmoid of each logit, as transformers' text-classification pipeline does.
    @Test func independentLabels() throws {
        let golden = try #require(
            try GoldenFile.json("decoders/gpt2-classes/golden.json").elements("texts").last)
        let classifier = try Classifier(
            try model(
                "gpt2-classes", ["problem_type": .string("multi_label_classification")]),
            context: try ComputeContext(threadCount: 1))
        let result = try classifier.classify([golden.tokens("ids")])[0]
        // torch.sigmoid of the golden logits.
        let expected = [0.007645277, 0.831608769, 0.752464945]
        expectClose(result.probabilities, expected, within: 1e-5)
        #expect(result.label == "middle")
    }

    @Test func regressionsAreRefused() throws {
        let model = try model("gpt2-classes", ["problem_type": .string("regression")])
        #expect(throws: SwiftletError(.unsupportedKey, "")) {
            try Classifier(model, context: try ComputeContext(threadCount: 1))
        }
    }

    @Test func idsAndLengthsOutOfRangeAreRefused() throws {
        let classifier = try Classifier(
            try model("gpt2-classes"), context: try ComputeContext(threadCount: 1))
        for (ids, code) in [
            ([], SwiftletError.Code.emptyPrompt), ([96], .tokenOutsideVocabulary),
            (Array(repeating: 1, count: 65), .sequenceTooLong),
        ] as [([Int32], SwiftletError.Code)] {
            #expect(throws: SwiftletError(code, "")) { try classifier.validate(ids) }
            #expect(throws: SwiftletError(code, "")) { try classifier.classify([[1], ids]) }
        }
        try classifier.validate(Array(repeating: 1, count: 64))
        #expect(try classifier.classify([]).isEmpty)
    }

    @Test func aClassifierHasNoLogitsOfTheVocabulary() throws {
        let context = try ComputeContext(threadCount: 1)
        let error = SwiftletError(.lacksHead, "")
        for model in [try model("llama-classes"), try headless()] {
            #expect(throws: error) { try model.checkLanguageHead() }
            let scorer = Scorer(model, context: context)
            #expect(throws: error) { try scorer.score([.init(ids: [1, 2])]) }
            #expect(throws: error) { try scorer.logits([1, 2]) }
            let session = GenerationSession(model, context: context)
            #expect(throws: error) { try session.generate([1, 2], GenerationOptions()) }
            // Hidden states are available.
            let rows = try Embedder(model, context: context).rows([1, 2])
            #expect(rows.rows == 2 && rows.columns == 32)
        }
        for model in [try model("llama"), try headless()] {
            #expect(throws: error) { try Classifier(model, context: context) }
        }
    }

    /// A model that ends with hidden states.
    private func headless() throws -> LanguageModel {
        let folder = try TestFiles.temporaryFolder()
        let path = TestFiles.fixture("decoders/llama-classes/config.json")
        var object = try #require(try JSONValue.read(path: path).object)
        object["architectures"] = .array([.string("LlamaModel")])
        try AtomicFile.write(
            Array(JSONValue.object(object).text().utf8), to: folder.file("config.json"))
        _ = try CheckpointInitializer.initialize(
            configPath: folder.file("config.json"), folder: folder.file("model"))
        return try LanguageModel(path: folder.file("model"))
    }

    /// The gradients of the head and of a tensor below it, against differences of the loss.
    @Test func theHeadIsTrained() throws {
        let parameters = try ParameterSet(try model("qwen2-classes"))
        let context = try ComputeContext(threadCount: 1)
        let batch = TokenBatch([[3, 1, 4], [1, 5]])
        func loss() throws -> Double {
            parameters.zeroGradients(context)
            var loss = CrossEntropy(targets: [2, 0])
            return try TrainingPass(parameters.decoder, context: context)
                .run(batch, rows: [2, 4], loss: &loss)
        }
        _ = try loss()
        // Copied, because each further pass overwrites the gradients.
        let gradients = parameters.parameters.map(\.gradient.values)
        for name in ["classifier.weight", "finalNorm.weight"] {
            let position = try #require(
                parameters.parameters.firstIndex { $0.name == name })
            let value = parameters.parameters[position].value
            let values = value.values
            for index in [0, values.count / 2, values.count - 1] {
                let sides = try [Float(0.01), -0.01].map { change in
                    var moved = values
                    moved[index] += change
                    value.copy(from: Matrix(rows: value.rows, columns: value.columns, moved))
                    return try loss()
                }
                let slope = (sides[0] - sides[1]) / 0.02
                let gradient = Double(gradients[position][index])
                #expect(abs(slope - gradient) < 1e-3, "\(name) \(index)")
            }
            value.copy(from: Matrix(rows: value.rows, columns: value.columns, values))
        }
    }
}

/// Softmax cross-entropy of one target per row.
private struct CrossEntropy: RowLoss {
    let targets: [Int32]

    mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double
    {
        context.crossEntropyBackward(
            logits, targets: Array(targets[rows]), weights: rows.map { _ in 1 })
    }
}
