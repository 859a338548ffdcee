import Foundation
import Swiftlet
import Testing

/// The snippets that read and make weak labels, and train on them.
@Suite struct LabelSnippets {
    @Test func labelFiles() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                try writeLabels()
                // Snippet: Sources/SwiftletWeakToStrong/Labels/LabelFiles.swift
                var labels = try LabelFiles<ClassLabel>(["gpt2.jsonl", "opt.jsonl"])
                while let example = try labels.next() { print(example.map(\.probabilities)) }
                // End of snippet
                #expect(labels.count == 2)
            }
        }
    }

    @Test func weakLabeler() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let model = try LanguageModel("gpt2")
                let source = LabelSource(
                    .prompts(["The keeper"]), path: "story.jsonl", lines: [1])
                var settings = LabelSettings()
                settings.maxNewTokens = 4
                // Snippet: Sources/SwiftletWeakToStrong/Labels/WeakLabeler.swift
                let labeler = try WeakLabeler(model, name: "gpt2", context: try ComputeContext())
                try labeler.label(
                    source, to: try Labeling(output: "gpt2.jsonl", resumes: true),
                    settings: settings)
                // End of snippet
                var labels = try LabelFiles<SequenceLabel>(["gpt2.jsonl"])
                #expect(try labels.next()?[0].prompt == "The keeper")
            }
        }
    }

    @Test func studentTraining() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                try writeLabels()
                let model = try LanguageModel("gpt2")
                let settings = StudentSettings()
                let options = FineTuneOptions()
                let context = try ComputeContext()
                // Snippet: Sources/SwiftletWeakToStrong/Stages/StudentTraining.swift
                let training = try StudentTraining(
                    labels: ["gpt2.jsonl", "opt.jsonl"], settings: settings)
                let tuner = try FineTuner(
                    try training.task(model), output: "student", options: options,
                    context: context)
                let result = try tuner.run()
                // End of snippet
                #expect(result.steps == 1)
            }
        }
    }
}

/// Writes two weak models' labels of the same examples into the current folder.
private func writeLabels() throws {
    let labels = """
        {"ids":[5,6,7],"probabilities":[0.25,0.75]}
        {"ids":[8,9],"probabilities":[0.5,0.5]}

        """
    for name in ["gpt2.jsonl", "opt.jsonl"] {
        try labels.write(toFile: name, atomically: true, encoding: .utf8)
    }
}
