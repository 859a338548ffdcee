import Swiftlet
import Testing

/// The snippets that read tasks and run models on them.
@Suite struct TaskSnippets {
    @Test func taskData() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                // Snippet: Sources/SwiftletTasks/Examples/TaskData.swift
                let data = try TaskData(
                    .slurp, path: "devel.jsonl", options: TaskOptions(prompt: .short))
                let split = try DataSplit(count: data.count, weak: 1000, strong: 1000, seed: 0)
                let forWeakModels = data.examples(split.weak)
                // End of snippet
                #expect(forWeakModels.count == 1000)
            }
        }
    }

    @Test func taskEvaluator() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let model = try LanguageModel("gpt2")
                let context = try ComputeContext()
                // Snippet: Sources/SwiftletWeakToStrong/Evaluation/TaskEvaluator.swift
                let data = try TaskData(
                    .slurp, path: "test.jsonl", options: TaskOptions(prompt: .short))
                let evaluator = try TaskEvaluator(model, context: context)
                let evaluation = try evaluator.evaluate(data)
                try evaluation.writePredictions(to: "predictions.jsonl")
                // End of snippet
                #expect(evaluation.examples.count == 3)
            }
        }
    }
}
