import Swiftlet
import Testing

/// The snippets that run models: README's and those of doc comments.
@Suite struct ModelSnippets {
    @Test func readme() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: README.md
                let checkpoint = try Checkpoint(path: "gpt2")  // mapped; no tensor byte is read
                let sum = try checkpoint.tensors[0].withFloats { $0.reduce(0, +) }  // a typed view

                let tokenizer = try TextTokenizer(path: "gpt2")
                let encoding = try tokenizer.encode("Hello world")
                print(encoding.ids, encoding.offsets)  // [15496, 995] [0..<5, 5..<11]

                let model = try LanguageModel("openai-community/gpt2")  // or a folder
                let session = GenerationSession(model, context: try ComputeContext())
                for try await piece in session.generate(prompt: "Hello") {
                    print(piece.text, terminator: "")
                }
                // End of snippet
                #expect(sum.isFinite)
                #expect(try tokenizer.decode(encoding.ids) == "Hello world")
            }
        }
    }

    @Test func languageModel() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletLM/LanguageModel.swift
                let model = try LanguageModel("openai-community/gpt2")
                let session = GenerationSession(model, context: try ComputeContext())
                for try await piece in session.generate(prompt: "Once upon a time") {
                    print(piece.text)
                }
                // End of snippet
            }
        }
    }

    @Test func promptEncoder() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let model = try LanguageModel("gpt2")
                // Snippet: Sources/SwiftletLM/Texts/PromptEncoder.swift
                let encoder = PromptEncoder(model)
                let prompt = try encoder.front("2 + 2 =")
                let completion = try encoder.continuation(" 4", closes: true)
                // End of snippet
                #expect(!prompt.isEmpty && completion.count > 1)
            }
        }
    }
}
