import SwiftletBytes
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

@Suite struct SharedContextTests {
    /// Sessions with one context take turns; their results are those of separate contexts.
    @Test(arguments: [1, 2, 3])
    func sessionsShareAContext(_ threads: Int) async throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let shared = try ComputeContext(threadCount: threads)
        func continuation(_ start: Int32, _ context: ComputeContext) throws -> [Int32] {
            try GenerationSession(model, context: context).generate(
                [start, start + 1], GenerationOptions(maxNewTokens: 40, stopTokens: [])
            ).ids
        }
        let alone = try (0..<4).map {
            try continuation(Int32($0 * 50), try ComputeContext(threadCount: 1))
        }
        let together = try await withThrowingTaskGroup(of: (Int, [Int32]).self) { group in
            for index in 0..<4 {
                group.addTask { (index, try continuation(Int32(index * 50), shared)) }
            }
            var results = [[Int32]](repeating: [], count: 4)
            for try await (index, ids) in group { results[index] = ids }
            return results
        }
        #expect(together == alone)
    }
}

@Suite struct BrokenWeightTests {
    /// A model whose final norm contains a NaN.
    private func model() throws -> (TemporaryFolder, LanguageModel) {
        let folder = try TestFiles.temporaryFolder()
        let source = TestFiles.fixture("gpt2-tiny")
        try AtomicFile.write(
            try TestFiles.bytes(source + "/config.json"),
            to: folder.file("config.json"))
        let file = try SafetensorsFile(path: source + "/model.safetensors")
        let writer = try SafetensorsWriter(
            path: folder.file("model.safetensors"),
            tensors: file.tensors.map { ($0.name, $0.dtype, $0.shape) })
        for tensor in file.tensors {
            var bytes = try tensor.bytes.copy()
            if tensor.name == "transformer.ln_f.weight" { bytes[2...3] = [0xC0, 0x7F] }
            try writer.write(bytes)
        }
        try writer.commit()
        return (folder, try LanguageModel(path: folder.path))
    }

    static let strategies: [GenerationOptions.Strategy] = [
        .greedy, .sampling(.init()), .sampling(.init(topK: 3)), .sampling(.init(topP: 0.5)),
        .sampling(.init(temperature: 0.1, topK: 9, topP: 0.9), count: 3),
        .beams(.init(beamCount: 3)),
    ]

    @Test(arguments: strategies, [1.0, 1.5])
    func logitsThatAreNotFiniteAreAnError(
        _ strategy: GenerationOptions.Strategy, _ penalty: Double
    ) throws {
        let (folder, model) = try model()
        let context = try ComputeContext(threadCount: 1)
        #expect(throws: SwiftletError(.logitsNotFinite, "")) {
            try GenerationSession(model, context: context).generate(
                [1, 2],
                GenerationOptions(
                    maxNewTokens: 3, strategy: strategy, repetitionPenalty: penalty))
        }
        #expect(throws: SwiftletError(.logitsNotFinite, "")) {
            try Scorer(model, context: context).score([.init(ids: [1, 2, 3])])
        }
        _ = folder
    }
}

@Suite struct CancellationTests {
    /// Expects work in a cancelled task to end with an error.
    private func cancelled(
        _ work: @escaping @Sendable (LanguageModel, ComputeContext) throws -> Void
    ) async throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let context = try ComputeContext(threadCount: 1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try work(model, context)
        }
        task.cancel()
        await #expect(throws: SwiftletError(.cancelled, "")) { try await task.value }
    }

    @Test func longCallsEndWithTheirTask() async throws {
        try await cancelled { model, context in
            _ = try Scorer(model, context: context).score([.init(ids: [1, 2, 3])])
        }
        try await cancelled { model, context in
            _ = try Embedder(model, context: context).rows([1, 2, 3])
        }
        try await cancelled { model, context in
            _ = try GenerationSession(model, context: context)
                .generate([1, 2], GenerationOptions())
        }
        try await cancelled { model, context in _ = try model.quantized(context) }
        try await cancelled { model, context in
            var options = ModelBenchmark.Options()
            (options.promptTokens, options.newTokens) = (8, 4)
            _ = try ModelBenchmark(model, options, context: context)
        }
    }

    @Test func beamsAreNotStreamed() async throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let session = GenerationSession(model, context: try ComputeContext(threadCount: 1))
        for strategy: GenerationOptions.Strategy in [
            .beams(.init(beamCount: 2)), .sampling(.init(), count: 2),
        ] {
            await #expect(throws: SwiftletError(.usage, "")) {
                for try await _ in session.generate(ids: [1], .init(strategy: strategy)) {}
            }
        }
    }
}
