import Foundation
import Swiftlet
import Testing

/// The snippets that run the method.
@Suite struct RunSnippets {
    private static let configuration = """
        task: classify
        data: {weak: rows.jsonl, strong: rows.jsonl, test: rows.jsonl}
        training: {epochs: 1, batch_size: 2}
        weak: {models: [{model: gpt2}]}
        strong: {model: gpt2}
        students: {methods: [naive], aux: [false]}
        """

    @Test func runner() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                try Self.configuration.write(
                    toFile: "study.yaml", atomically: true, encoding: .utf8)
                let rows = (0..<4).map { "{\"text\":\"row \($0)\",\"label\":\($0 % 2)}\n" }
                try rows.joined().write(toFile: "rows.jsonl", atomically: true, encoding: .utf8)
                // Snippet: Sources/SwiftletWeakToStrong/Run/Runner.swift
                let runner = try Runner(try RunConfiguration(path: "study.yaml"), output: "run")
                let summary = try runner.run()
                // End of snippet
                #expect(summary.ran.map(\.name).contains("student-naive"))
            }
        }
    }
}
