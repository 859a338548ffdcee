import Swiftlet
import Testing

/// The snippets of the guides in `Sources/Swiftlet/Swiftlet.docc`.
@Suite struct GuideSnippets {
    @Test func readTensors() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/GettingStarted.md
                let checkpoint = try Checkpoint(path: "gpt2")
                for tensor in checkpoint.tensors {
                    print(tensor.name, tensor.dtype, tensor.shape)
                }
                let largest = try checkpoint.tensors[0].withFloats { $0.max() }
                // End of snippet
                #expect(largest.map(\.isFinite) == true)
            }
        }
    }

    @Test func generateText() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/GettingStarted.md
                let model = try LanguageModel("openai-community/gpt2")
                let session = GenerationSession(model, context: try ComputeContext())
                let options = GenerationOptions(
                    maxNewTokens: 20, strategy: .sampling(.init(topP: 0.9, seed: 7)))
                for try await piece in session.generate(prompt: "The light", options) {
                    print(piece.text, terminator: "")
                }
                // End of snippet
            }
        }
    }

    @Test func handleErrors() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/GettingStarted.md
                do throws(SwiftletError) {
                    _ = try Checkpoint(path: "missing")
                } catch {
                    print(error.code, error.file ?? "", error.reason)
                }
                // End of snippet
            }
        }
    }

    @Test func convert() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/Converting.md
                let summary = try CheckpointConverter.convert(
                    source: "gpt2", destination: "gpt2-bf16", dtype: .bf16)
                print(summary.tensors, summary.bytesOut)
                // End of snippet
                #expect(summary.tensors == 40)
            }
        }
    }

    @Test func compare() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let summary = try CheckpointConverter.convert(
                    source: "gpt2", destination: "gpt2-bf16", dtype: .bf16)
                #expect(summary.tensors == 40)
                // Snippet: Sources/Swiftlet/Swiftlet.docc/Converting.md
                let comparison = try CheckpointComparison.compare(
                    try Checkpoint(path: "gpt2"), try Checkpoint(path: "gpt2-bf16"), rtol: 0.004)
                print(comparison.isEqual, comparison.compared)
                // End of snippet
                #expect(comparison.isEqual)
            }
        }
    }

    @Test func tokenize() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/TokenizingAndAligning.md
                let tokenizer = try TextTokenizer(path: "gpt2")
                let encoding = try tokenizer.encode("The light turned.")
                for (id, range) in zip(encoding.ids, encoding.offsets) {
                    print(id, range, tokenizer.token(of: id) ?? "")
                }
                print(try tokenizer.decode(encoding.ids))
                // End of snippet
                #expect(encoding.offsets.last == 16..<17)
            }
        }
    }

    @Test func align() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/TokenizingAndAligning.md
                let pair = TokenizerPair(
                    try TextTokenizer(path: "gpt2"), try TextTokenizer(path: "llama3"))
                let aligned = try pair.align("the lighthouse keeper")
                for group in aligned.alignment.groups {
                    print(group.bytes, aligned.a.ids[group.a], aligned.b.ids[group.b])
                }
                // End of snippet
                #expect(!aligned.alignment.groups.isEmpty)
            }
        }
    }

    @Test func fineTune() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/FineTuning.md
                let model = try LanguageModel(path: "gpt2")
                let examples = try ExampleReader(for: model).read(path: "story.jsonl").examples
                var options = FineTuneOptions()
                options.length = .epochs(3)
                options.learningRate = 1e-3
                let tuner = try FineTuner(
                    model, examples: examples, output: "tuned", options: options,
                    context: try ComputeContext())
                let result = try tuner.run()
                print(result.steps, result.loss ?? 0)
                // End of snippet
                #expect(result.steps == 3)
                #expect(FileSystem.isFile("tuned/model.safetensors"))
            }
        }
    }

    @Test func trainAClassifier() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/FineTuning.md
                let task = try TrainingTask.classification(
                    try LanguageModel(path: "gpt2"), data: "answers.jsonl",
                    evaluationData: "answers.jsonl")
                var options = FineTuneOptions()
                options.weightDecay = 0
                options.schedule = .cosine
                let tuner = try FineTuner(
                    task, output: "classifier", options: options, context: try ComputeContext())
                let result = try tuner.run()
                print(result.evaluation?.accuracy ?? 0)
                // End of snippet
                #expect(result.evaluation?.accuracy != nil)
                #expect(FileSystem.isFile("classifier/model.safetensors"))
            }
        }
    }

    @Test func learnPreferences() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/FineTuning.md
                let task = try TrainingTask.preference(
                    try LanguageModel(path: "gpt2"), data: "pairs.jsonl",
                    evaluationData: "pairs.jsonl",
                    cost: PreferenceCost(beta: 1, labelSmoothing: 0.1))
                var options = FineTuneOptions()
                options.method = .lowRank(AdapterConfiguration())
                options.length = .epochs(4)
                options.keepsBest = .accuracy
                options.patience = 2
                let tuner = try FineTuner(
                    task, output: "preferring", options: options, context: try ComputeContext())
                let result = try tuner.run()
                print(result.best?.step ?? 0, result.best?.value ?? 0)
                // End of snippet
                #expect(result.best?.metric == .accuracy)
                #expect(FileSystem.isFile("preferring/adapter_model.safetensors"))
            }
        }
    }

    @Test func followProgress() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/Swiftlet/Swiftlet.docc/FineTuning.md
                let events = FineTuner.stream { () throws(SwiftletError) in
                    let model = try LanguageModel(path: "gpt2")
                    let examples = try ExampleReader(for: model).read(path: "story.jsonl").examples
                    return try FineTuner(
                        model, examples: examples, output: "streamed", options: FineTuneOptions(),
                        context: try ComputeContext())
                }
                for try await case .step(let step) in events {
                    print(step.number, step.loss ?? .nan)
                }
                // End of snippet
                #expect(FileSystem.isFile("streamed/model.safetensors"))
            }
        }
    }
}
