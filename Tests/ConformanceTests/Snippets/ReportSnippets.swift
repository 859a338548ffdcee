import Foundation
import Swiftlet
import Testing

/// The snippets that write pages.
@Suite struct ReportSnippets {
    @Test func trainingCurve() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                let log = (1...3).map { "{\"step\":\($0),\"loss\":\(4 - $0)}\n" }.joined()
                try log.write(toFile: "log.jsonl", atomically: true, encoding: .utf8)
                // Snippet: Sources/SwiftletReports/TrainingCurve/TrainingCurvePage.swift
                let page = TrainingCurvePage(try TrainingHistory(log: "log.jsonl"), name: "tuned")
                try AtomicFile.write(Array(page.html().utf8), to: "curve.html")
                // End of snippet
                #expect(FileSystem.isFile("curve.html"))
            }
        }
    }

    @Test func report() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                try FileSystem.createFolder("run")
                let rows =
                    #"{"rows":[{"task":"sciq","method":"ceiling","metric":"accuracy","value":1}]}"#
                try rows.write(toFile: "run/results.json", atomically: true, encoding: .utf8)
                // Snippet: Sources/SwiftletWeakToStrong/Results/Report/RunReport.swift
                let report = try RunReport("run")
                print(report.tables.markdown)
                try report.write(to: "run/report")
                // End of snippet
                #expect(FileSystem.isFile("run/report/index.html"))
            }
        }
    }

    @Test func study() async {
        await #expect(processExitsWith: .success) {
            try await SnippetFolder.run {
                try FileSystem.createFolder("study/rows")
                try "experiments: [{name: sciq}]\n".write(
                    toFile: "study/study.yaml", atomically: true, encoding: .utf8)
                // Snippet: Sources/SwiftletWeakToStrong/Results/Study/Report/StudyReport.swift
                let report = try StudyReport("study")
                print(report.markdown)
                try report.write()
                // End of snippet
                #expect(FileSystem.isFile("study/index.html"))
            }
        }
    }
}
