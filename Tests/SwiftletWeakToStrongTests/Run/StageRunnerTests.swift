import SwiftletBytes
import SwiftletCompute
import SwiftletText
import SwiftletTuning
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// A stage that writes lines, one after another, which depend on its settings and inputs.
struct LineStage: Stage {
    let id: StageID
    var kind = "lines"
    var settings: JSONObject = [:]
    var inputs: [StageInput] = []
    /// Called before each line.
    var onLine: @Sendable (StageID) -> Void = { _ in }

    func estimate(_ sizes: RunSizes) -> StageEstimate { StageEstimate(operations: 1) }

    func run(_ work: StageWork) throws(SwiftletError) {
        var seed = FNV1a()
        for input in inputs {
            switch input {
            case .stage(let id, _):
                seed.add(
                    try MappedFile(path: work.folder.path(of: id, "labels.jsonl")).bytes.copy())
            case .file(let path): seed.add(try MappedFile(path: path).bytes.copy())
            case .model: break
            }
        }
        seed.add(JSONValue.object(settings).text().utf8)
        let partial = work.output("labels.jsonl.partial")
        var lines = 0
        if FileSystem.isFile(partial) {
            let bytes = try MappedFile(path: partial).bytes.copy()
            lines = bytes.count { $0 == 0x0A }
        }
        let file = try AppendingFile(path: partial)
        for line in lines..<5 {
            onLine(id)
            try work.checkStop()
            try file.append(Array("\(SplitMix64.mix(seed.value &+ UInt64(line)))\n".utf8))
        }
        let bytes = try MappedFile(path: partial).bytes.copy()
        try AtomicFile.write(bytes, to: work.output("labels.jsonl"))
        try FileSystem.remove(partial)
    }
}

@Suite struct StageRunnerTests {
    /// data → weak-a, weak-b → student → evaluate; weak-b has an output that no seed changes.
    private static func stages(
        _ data: String, setting: Int = 1, onLine: @escaping @Sendable (StageID) -> Void = { _ in }
    ) -> [any Stage] {
        func id(_ name: String) -> StageID { StageID(seed: 0, name: name) }
        func make(_ name: String, _ inputs: [StageInput], _ settings: JSONObject = [:])
            -> LineStage
        {
            LineStage(id: id(name), settings: settings, inputs: inputs, onLine: onLine)
        }
        return [
            make("split", [.file(data)]),
            make("weak-a", [.stage(id("split"), .labels)], ["lr": JSONValue(setting)]),
            make("weak-b", [.stage(id("split"), .labels)]),
            make("student", [.stage(id("weak-a"), .labels), .stage(id("weak-b"), .labels)]),
            make("evaluate", [.stage(id("student"), .labels)]),
        ]
    }

    private struct Run {
        let folder = try? TestFiles.temporaryFolder()
        var data: String { folder?.file("data.jsonl") ?? "" }
        var out: String { folder?.file("run") ?? "" }

        init() throws { try AtomicFile.write(Array("rows\n".utf8), to: data) }

        func runner(_ stages: [any Stage]) throws -> StageRunner {
            StageRunner(
                folder: RunFolder(path: out), plan: try StagePlan(stages), sizes: RunSizes(),
                threads: 2)
        }

        @discardableResult
        func run(_ stages: [any Stage], stop: @escaping () -> FineTuner.Stop? = { nil }) throws
            -> [String]
        {
            try runner(stages).run(
                try ComputeContext(threadCount: 1), sentencePiece: .builtIn,
                speed: MachineSpeed(operationsPerSecond: 1, bytesPerSecond: 1), shouldStop: stop,
                onEvent: { _ in }
            ).map(\.name)
        }

        /// Every output's bytes by its path.
        func outputs(_ stages: [any Stage]) throws -> [String: [UInt8]] {
            let folder = RunFolder(path: out)
            var all: [String: [UInt8]] = [:]
            for stage in stages {
                for name in try folder.outputs(of: stage.id) {
                    let path = folder.path(of: stage.id, name)
                    all["\(stage.id.name)/\(name)"] = try TestFiles.bytes(path)
                }
            }
            return all
        }

        func path(_ stage: String, _ file: String = "labels.jsonl") -> String {
            RunFolder(path: out).path(of: StageID(seed: 0, name: stage), file)
        }
    }

    @Test func `a second run does nothing`() throws {
        let run = try Run()
        let stages = Self.stages(run.data)
        #expect(try run.run(stages) == ["split", "weak-a", "weak-b", "student", "evaluate"])
        let before = try run.outputs(stages)
        #expect(before.count == 5)
        #expect(try run.run(stages) == [])
        #expect(try run.outputs(stages) == before)
        #expect(try run.runner(stages).examination().allSatisfy { $0.status == .done })
        #expect(!FileSystem.somethingIs(at: run.path("student", RunFolder.started)))
    }

    @Test func `a changed setting redoes what depends on it`() throws {
        let run = try Run()
        try run.run(Self.stages(run.data))
        let changed = Self.stages(run.data, setting: 2)
        let planned = try run.runner(changed).examination()
        #expect(planned.map(\.status)[1] == .again("setting lr has changed"))
        #expect(planned.map(\.status)[2] == .done)
        #expect(planned.map(\.status)[3] == .waiting("after weak-a"))
        #expect(try run.run(changed) == ["weak-a", "student", "evaluate"])
        // And back again: results are a function of the settings.
        #expect(try run.run(Self.stages(run.data)) == ["weak-a", "student", "evaluate"])
    }

    @Test func `changed data redo everything`() throws {
        let run = try Run()
        let stages = Self.stages(run.data)
        try run.run(stages)
        try AtomicFile.write(Array("other rows\n".utf8), to: run.data)
        #expect(try run.run(stages).count == 5)
    }

    @Test(arguments: ["damage", "remove", "truncate", "record", "no record"])
    func `a damaged output is redone and what follows stays`(_ kind: String) throws {
        let run = try Run()
        let stages = Self.stages(run.data)
        try run.run(stages)
        let before = try run.outputs(stages)
        let (path, record) = (run.path("weak-a"), run.path("weak-a", RunFolder.record))
        switch kind {
        case "damage":
            var bytes = try TestFiles.bytes(path)
            bytes[bytes.count / 2] ^= 1
            try AtomicFile.write(bytes, to: path)
        case "remove": try FileSystem.remove(path)
        case "truncate": try AtomicFile.write([], to: path)
        case "record": try AtomicFile.write(Array("{".utf8), to: record)
        default: try FileSystem.remove(record)
        }
        #expect(try run.run(stages) == ["weak-a"])
        #expect(try run.outputs(stages) == before)
    }

    @Test func `a run stopped again and again gives the same bytes`() throws {
        let whole = try Run()
        let stages = Self.stages(whole.data)
        try whole.run(stages)
        let expected = try whole.outputs(stages)

        let run = try Run()
        var random = SplitMix64(seed: 7)
        var (stops, ended) = (0, false)
        while !ended {
            // Each attempt gets a few lines further.
            var left = 2 + Int(random.next() % 4)
            do {
                try run.run(Self.stages(run.data)) {
                    left -= 1
                    return left < 0 ? .terminated : nil
                }
                ended = true
            } catch let error as SwiftletError {
                #expect(error.code.kind == .terminated)
                stops += 1
            }
        }
        #expect(stops >= 5)
        #expect(try run.outputs(stages) == expected)
    }

    @Test func `what another key has left is not continued`() throws {
        let run = try Run()
        var left = 8
        #expect(throws: SwiftletError.self) {
            try run.run(Self.stages(run.data)) {
                left -= 1
                return left < 0 ? .interrupted : nil
            }
        }
        #expect(FileSystem.isFile(run.path("weak-a", "labels.jsonl.partial")))
        let whole = try Run()
        let stages = Self.stages(run.data, setting: 2)
        try whole.run(Self.stages(whole.data, setting: 2))
        try run.run(stages)
        #expect(try run.outputs(stages) == whole.outputs(stages))
    }

    @Test func `a missing input stops a run before its first stage`() throws {
        let run = try Run()
        var stages = Self.stages(run.data)
        stages.append(
            LineStage(
                id: StageID(seed: 0, name: "late"),
                inputs: [.stage(stages[4].id, .labels), .file(run.data + ".missing")]))
        let planned = try run.runner(stages).examination()
        guard case .blocked = planned.last?.status else {
            Issue.record("\(planned.map(\.status))")
            return
        }
        #expect(throws: SwiftletError(.noSuchFile, "")) { try run.run(stages) }
        #expect(!FileSystem.somethingIs(at: run.path("split")))
    }

    @Test func `a stage and what it needs`() throws {
        let plan = try StagePlan(Self.stages("data"))
        #expect(
            try plan.selecting(name: "student", seed: nil).names == [
                "split", "weak-a", "weak-b", "student",
            ])
        #expect(try plan.selecting(name: "weak-b", seed: 0).names == ["split", "weak-b"])
        #expect(throws: SwiftletError(.usage, "")) {
            try plan.selecting(name: "studnet", seed: nil)
        }
        #expect(throws: SwiftletError(.usage, "")) { try plan.selecting(name: nil, seed: 3) }
    }

    @Test func `two runs cannot use one folder at once`() throws {
        let run = try Run()
        var inner: (any Error)?
        let other = Self.stages(run.data)
        let failure = Failure()
        let stages = Self.stages(run.data) { _ in
            guard failure.error == nil else { return }
            do { try run.run(other) } catch { failure.error = error }
        }
        try run.run(stages)
        inner = failure.error
        #expect((inner as? SwiftletError)?.code == .inUse)
    }

    private final class Failure: @unchecked Sendable { var error: (any Error)? }
}
