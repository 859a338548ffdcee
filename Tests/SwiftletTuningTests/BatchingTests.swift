import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Runs on files, with batches by length and packed rows.
@Suite struct BatchingTests {
    private let folder: TemporaryFolder
    private let model: LanguageModel
    private let data: ExampleFile

    private static let lengths = [5, 9, 2, 7, 3, 12, 4, 6, 8, 2, 11, 3]

    init() throws {
        folder = try TestFiles.temporaryFolder()
        model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let lines = Self.lengths.enumerated().map { line, length in
            "{\"ids\":\((0..<length).map { (line * 37 + $0 * 11) % 512 })}\n"
        }
        let path = folder.file("data.jsonl")
        try AtomicFile.write(Array(lines.joined().utf8), to: path)
        data = try ExampleFile(path: path, reader: ExampleReader(for: model))
    }

    private struct Run {
        var losses: [Double?] = []
        var weights: [UInt8] = []
    }

    private func run(
        _ name: String, on examples: any ExampleSource, threads: Int = 1,
        mean: TrainingBatch.Mean = .tokens, stopAfter stop: Int? = nil,
        _ change: (inout FineTuneOptions) -> Void
    ) throws -> Run {
        var options = FineTuneOptions()
        options.batchSize = 2
        options.length = .epochs(2)
        options.learningRate = 1e-3
        change(&options)
        var run = Run()
        let tuner = try FineTuner(
            model, objective: LanguageModeling(mean: mean), examples: examples,
            evaluation: examples, output: folder.file(name), options: options,
            context: try ComputeContext(threadCount: threads))
        _ = try tuner.run(
            shouldStop: { stop.map { run.losses.count >= $0 } == true ? .interrupted : nil },
            onEvent: { if case .step(let step) = $0 { run.losses.append(step.loss) } })
        run.weights = try TestFiles.bytes("\(folder.file(name))/model.safetensors")
        return run
    }

    private static let kinds: [FineTuneOptions.Batching] = [
        .lines, .lengths, .rows(tokens: 14), .rows(tokens: nil),
    ]

    @Test(arguments: kinds)
    func aFileTrainsToTheBitsOfItsExamples(_ batching: FineTuneOptions.Batching) throws {
        let reference = try run("array", on: try data.readAll()) { $0.batching = batching }
        for (readAhead, threads) in [(0, 1), (1, 1), (2, 2), (8, 3)] {
            let found = try run("file-\(readAhead)", on: data, threads: threads) {
                $0.batching = batching
                $0.readAhead = readAhead
            }
            #expect(found.weights == reference.weights && found.losses == reference.losses)
        }
    }

    @Test(arguments: kinds)
    func aStoppedRunGoesOnToTheSameBits(_ batching: FineTuneOptions.Batching) throws {
        let whole = try run("whole", on: data) { $0.batching = batching }
        for stop in Set([0, 1, whole.losses.count - 1]) {
            let name = "stopped-\(stop)"
            #expect(throws: SwiftletError(.stoppedBySignal, "")) {
                try run(name, on: data, stopAfter: stop) { $0.batching = batching }
            }
            let rest = try run(name, on: data) {
                $0.batching = batching
                $0.resumes = true
            }
            #expect(rest.weights == whole.weights)
            #expect(rest.losses == Array(whole.losses[stop...]))
        }
    }

    @Test func aRunIsNotContinuedWithOtherBatches() throws {
        let kinds: [FineTuneOptions.Batching] = [
            .lines, .lengths, .rows(tokens: 14), .rows(tokens: 15),
        ]
        for (number, batching) in kinds.enumerated() {
            let name = "kind-\(number)"
            #expect(throws: SwiftletError(.stoppedBySignal, "")) {
                try run(name, on: data, stopAfter: 1) {
                    $0.batching = batching
                    $0.length = .steps(6)
                }
            }
            let record = try JSONValue.read(path: "\(folder.file(name))/training_run.json")
            #expect(record["bucket"] == (batching == .lengths ? .bool(true) : nil))
            for other in kinds where other != batching {
                #expect(throws: SwiftletError(.otherRun, "")) {
                    try run(name, on: data) {
                        $0.batching = other
                        $0.length = .steps(6)
                        $0.resumes = true
                    }
                }
            }
        }
    }

    /// The same examples have the same loss, whether a batch is two lines or one packed row.
    @Test(arguments: TrainingBatch.Mean.allCases)
    func packingChangesWhatABatchIsAndNothingElse(_ mean: TrainingBatch.Mean) throws {
        let examples = try data.readAll()
        let pairs = Array(examples[0..<2] + examples[3..<5])
        #expect(pairs.map(\.tokenCount) == [5, 9, 7, 3])
        func steps(_ name: String, _ change: (inout FineTuneOptions) -> Void) throws -> Run {
            try run(name, on: pairs, mean: mean) {
                $0.shuffles = false
                $0.length = .epochs(3)
                change(&$0)
            }
        }
        let plain = try steps("plain") { $0.batchSize = 2 }
        let packed = try steps("packed") {
            $0.batchSize = 1
            $0.batching = .rows(tokens: 14)
        }
        #expect(plain.losses == packed.losses && plain.weights == packed.weights)
        #expect(plain.losses.count == 6)
        // A micro-batch is as many lines as fit in its rows.
        let parts = try steps("parts") {
            $0.batchSize = 2
            $0.microBatchSize = 1
            $0.batching = .rows(tokens: 14)
        }
        let lines = try steps("lines") {
            $0.batchSize = 4
            $0.microBatchSize = 2
        }
        #expect(parts.losses == lines.losses && parts.weights == lines.weights)
    }

    @Test func theMemoryEstimateCoversEveryMicroBatch() throws {
        let rows = BatchOrder.Grouping.rows(tokens: 14)
        #expect(rows.largestMicroBatch(of: data, count: 1) == (14, 14))
        #expect(rows.largestMicroBatch(of: data, count: 3) == (42, 42))
        #expect(
            BatchOrder.Grouping.rows(tokens: 4).largestMicroBatch(of: data, count: 1).tokens == 12)
        let all = Self.lengths.reduce(0, +)
        #expect(rows.largestMicroBatch(of: data, count: .max) == (all, all - 12))
        #expect(BatchOrder.Grouping.lines.largestMicroBatch(of: data, count: 2) == (23, 21))
        #expect(BatchOrder.Grouping.lengths.largestMicroBatch(of: data, count: .max).tokens == all)
    }

    @Test func settingsOutOfRangeAreNamed() throws {
        for change: (inout FineTuneOptions) -> Void in [
            { $0.batching = .rows(tokens: 0) }, { $0.readAhead = -1 },
        ] {
            #expect(throws: SwiftletError(.usage, "")) { try run("bad", on: data, change) }
        }
        #expect(!FileSystem.somethingIs(at: folder.file("bad")))
    }

    @Test func dataThatChangeEndTheRun() throws {
        let path = folder.file("other.jsonl")
        try AtomicFile.write(Array("{\"ids\":[1,2,3]}\n{\"ids\":[4,5,6]}\n".utf8), to: path)
        let file = try ExampleFile(path: path, reader: ExampleReader(for: model))
        try OpenFile(path, for: .resuming).truncate(to: 20)
        #expect(throws: SwiftletError(.readFailed, "")) { try run("cut", on: file) { _ in } }
    }
}
