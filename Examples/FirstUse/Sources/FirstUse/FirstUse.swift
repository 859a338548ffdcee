import Swiftlet

/// Opens a model, looks at it, continues a text, and fine-tunes the model.
///
///     swift run FirstUse MODEL DATA.jsonl OUT
@main struct FirstUse {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { return print("usage: FirstUse MODEL DATA.jsonl OUT") }
        let (path, data, output) = (arguments[1], arguments[2], arguments[3])

        let checkpoint = try Checkpoint(path: path)
        print("\(checkpoint.tensors.count) tensors, family \(checkpoint.family ?? "unknown")")

        let model = try LanguageModel(path)
        let encoding = try model.tokenizer().encode("The light")
        print("tokens \(encoding.ids) at bytes \(encoding.offsets)")

        let context = try ComputeContext()
        let session = GenerationSession(model, context: context)
        for try await piece in session.generate(prompt: "The light", .init(maxNewTokens: 8)) {
            print(piece.text, terminator: "")
        }
        print()

        let events = FineTuner.stream { () throws(SwiftletError) in
            let examples = try ExampleReader(for: model).read(path: data).examples
            return try FineTuner(
                model, examples: examples, output: output, options: .init(), context: context)
        }
        for try await case .step(let step) in events {
            print("step \(step.number): loss \(step.loss ?? .nan)")
        }
    }
}
