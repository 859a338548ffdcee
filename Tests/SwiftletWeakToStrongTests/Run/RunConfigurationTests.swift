import Foundation
import SwiftletBytes
import SwiftletTuning
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

@Suite struct RunConfigurationTests {
    private func read(_ text: String) throws -> RunConfiguration {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write(Array(text.utf8), to: folder.file("study.yaml"))
        return try RunConfiguration(path: folder.file("study.yaml"))
    }

    private func failure(_ text: String) -> SwiftletError? {
        do {
            _ = try read(text)
            return nil
        } catch { return error as? SwiftletError }
    }

    private static let classes = """
        task: sciq
        data: {train: train.jsonl, test: test.jsonl}
        weak: {models: [{name: a, model: models/a}, {name: b, model: /models/b}]}
        strong: {model: models/big}
        """

    private static let sequences = classes.replacingOccurrences(of: "sciq", with: "slurp")

    @Test func `the defaults of classes are those of the paper`() throws {
        let read = try read(Self.classes)
        #expect(read.name == "study" && read.seeds == [0] && read.precision == .f32)
        guard case .split(let train, 5000, 5000) = read.data.source else {
            Issue.record("\(read.data.source)")
            return
        }
        #expect(train.hasSuffix("/train.jsonl") && train.hasPrefix("/"))
        #expect(read.weak.map(\.name) == ["a", "b"] && read.weights == [0.5, 0.5])
        #expect(read.weak[0].model.hasSuffix("/models/a") && read.weak[1].model == "/models/b")
        let weak = read.weak[0].training
        #expect(weak.learningRate == 5e-5 && weak.schedule == .cosine && weak.batchSize == 32)
        #expect(weak.microBatchSize == 1 && weak.length == .epochs(2))
        #expect(weak.effectiveWeightDecay == 0 && weak.kept == .last)
        #expect(read.strong.training.learningRate == 1e-5 && read.strong.name == "big")
        #expect(read.students.losses.clamp == .standard && read.preference == nil)
        #expect(
            read.studentNames.map(\.stage) == [
                "student-single-a", "student-single-a-aux", "student-single-b",
                "student-single-b-aux", "student-naive", "student-naive-aux", "student-bayesian",
                "student-bayesian-aux",
            ])
    }

    @Test func `the defaults of sequences are those of the paper`() throws {
        let read = try read(
            Self.sequences + "\npreference: {}\n")
        #expect(read.weak[0].training.length == .epochs(15))
        #expect(read.weak[0].training.effectiveWeightDecay == 0.01)
        #expect(read.strong.training.batchSize == 2 && read.strong.training.microBatchSize == 1)
        #expect(read.labels.search.beams == 4)
        #expect(read.preference?.training.learningRate == 2e-7 && read.preference?.beta == 10)
        #expect(read.preference?.student.stage == "student-bayesian-aux-product")
        #expect(read.studentNames.count == 20)
        #expect(read.prompt == .full)
    }

    @Test func `nearer settings win, key by key`() throws {
        let read = try read(
            """
            task: classify
            training: {epochs: 7, lr: 0.5, clip: 0}
            data: {weak: a, strong: b, test: c}
            weak:
              training: {lr: 0.25}
              models: [{name: a, model: m, training: {batch_size: 3}}]
            strong: {model: s, training: {steps: 9}}
            students: {clamp: none, training: {lr: 0.125}}
            """)
        let weak = read.weak[0].training
        #expect(weak.learningRate == 0.25 && weak.length == .epochs(7) && weak.batchSize == 3)
        #expect(weak.microBatchSize == 1 && weak.clip == 0)
        #expect(read.strong.training.length == .steps(9))
        #expect(read.strong.training.learningRate == 0.5)
        #expect(read.students.training.length == .steps(9))
        #expect(read.students.training.learningRate == 0.125)
        #expect(read.students.losses.clamp == .none)
    }

    @Test(
        arguments: [
            (
                "taks: sciq", "line 1, column 1, key \"taks\"", "unknown key",
                "did you mean \"task\"?"
            ),
            (
                classes + "\nstudents:\n  aux_gama: 1\n",
                "line 6, column 3, key \"students.aux_gama\"",
                "unknown key", "did you mean \"aux_gamma\"?"
            ),
            (
                classes + "\nstudents:\n  aux_gamma: 1.5\n",
                "line 6, column 14, key \"students.aux_gamma\"",
                "\"1.5\" is not a number from 0 to 1",
                nil
            ),
            (
                classes + "\nstudents: {methods: [naive, bayes]}\n",
                "line 5, column 29, key \"students.methods\"",
                "\"bayes\" is not one of single, naive, joint, bayesian", nil
            ),
            (
                classes + "\nseeds: [0, 1, 0]\n", "line 5, column 15, key \"seeds\"",
                "\"0\" is listed twice", nil
            ),
            ("task: sciq\ntask: sciq\n", "line 1, column 1", "duplicate key \"task\"", nil),
            ("task: [sciq\n", "line 2, column 1", "is not YAML", nil),
            (
                "task: slrp\n", "line 1, column 7, key \"task\"", "is not one of",
                "did you mean \"slurp\"?"
            ),
            (
                classes + "\npreference: {}\n", "line 5, column 13, key \"preference\"",
                "is for tasks of sequences", nil
            ),
            (
                classes + "\nweak_models: 3\n", "line 5, column 1, key \"weak_models\"",
                "unknown key",
                nil
            ),
            (
                classes + "\ntraining: {method: lora}\n", "line 3, column 7, key \"weak.training\"",
                "lora is for the strong model", nil
            ),
        ] as [(String, String, String, String?)])
    func `errors name line, column and key`(
        _ text: String, _ place: String, _ reason: String, _ hint: String?
    ) throws {
        let error = try #require(failure(text))
        #expect(error.code == .runConfiguration && error.code.kind == .badData)
        #expect(error.place == place, "\(error)")
        #expect(error.reason.contains(reason), "\(error)")
        if let hint { #expect(error.hint == hint, "\(error)") }
    }

    @Test(arguments: [
        "", "---\n", "- a\n", "a\n", "\u{0}\n", "{", "[[[[", "task: *x\n", "? [a, b]\n: c\n",
        "&a [*a, *a]\n", "--- {}\n--- {}\n",
        String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
        String(repeating: "{a: ", count: 100_000), String(repeating: "? ", count: 100_000),
        "a: &a [x]\n"
            + (0..<40).map { "b\($0): &b\($0) [*a, *a, *a]\n" }.joined(),
    ])
    func `any text gives an error and ends soon`(_ text: String) {
        #expect(failure(text) != nil)
    }

    @Test func `bytes that are not UTF-8 are refused`() throws {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write([0x74, 0xFF, 0xFE], to: folder.file("study.yaml"))
        #expect(throws: SwiftletError(.notUTF8, "")) {
            try RunConfiguration(path: folder.file("study.yaml"))
        }
    }

    @Test(
        arguments: [
            ("epocs", "epochs"), ("Learning-Rate", "learning_rate"), ("lrr", "lr"), ("xyzzy", nil),
            ("taks", "task"),
        ] as [(String, String?)])
    func `the nearest name`(_ written: String, _ expected: String?) {
        let names = ["epochs", "learning_rate", "lr", "task", "batch_size"]
        #expect(NearestName.of(written, among: names) == expected)
    }
}
