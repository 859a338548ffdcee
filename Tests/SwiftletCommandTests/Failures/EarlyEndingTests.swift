import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Commands that end early: a file becomes shorter, a signal, no memory.
struct EarlyEndingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    /// Expects the one line of a file that became shorter.
    private func expectShorter(_ outcome: Outcome, _ file: String) {
        #expect(outcome.status == 74, "\(outcome.errors)")
        #expect(
            outcome.complaints == ["error: \(file): has become shorter while it was read"],
            "\(outcome.errors)")
    }

    @Test(
        "a model that becomes shorter while it is used is an error",
        arguments: [["score", "--jsonl", "--batch-tokens", "0"], ["generate", "--jsonl"]])
    func shorterModel(_ command: [String]) throws {
        let model = try Files.copy("gpt2-tiny", to: folder.file("model"))
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let tool = try Tool.start(
            [command[0], model] + command.dropFirst() + ["--input", pipe])
        // Opening waits until the command reads its input, which it does with the model open.
        let input = try #require(FileHandle(forWritingAtPath: pipe))
        #expect(truncate("\(model)/model.safetensors", 0) == 0)
        input.write(Data("{\"ids\": [1, 2, 3]}\n".utf8))
        try input.close()
        expectShorter(try tool.wait(), "\(model)/model.safetensors")
    }

    @Test(
        "a source that becomes shorter leaves no part of the output",
        arguments: [["--dtype", "bf16"], ["--dtype", "keep"]])
    func shorterSource(_ options: [String]) throws {
        let source = try SparseCheckpoint.write(1 << 27, to: folder.file("big.safetensors"))
        for output in ["out", "out.safetensors"] {
            let room = try Files.folder(folder.file("room-\(output)"))
            let tool = try Tool.start(["convert", source, "\(room)/\(output)"] + options)
            SparseCheckpoint.waitForOutput(of: tool, in: room)
            #expect(truncate(source, 100) == 0)
            expectShorter(try tool.wait(), source)
            #expect(try Files.listing(room) == [])
            _ = try SparseCheckpoint.write(1 << 27, to: source)
        }
    }

    @Test("other faults end the process as they always did")
    func otherFaults() throws {
        // The same signal, sent by another process: no file has become shorter.
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let tool = try RunningTool(
            "/usr/bin/env",
            [
                "SWIFT_BACKTRACE=enable=no", Tool.path, "score", TestFiles.fixture("gpt2-tiny"),
                "--jsonl", "--input", pipe,
            ])
        let input = try #require(FileHandle(forWritingAtPath: pipe))
        tool.signal(SIGBUS)
        let outcome = try tool.wait()
        try input.close()
        #expect(outcome.status == 128 + SIGBUS, "\(outcome.errors)")
    }

    @Test(
        "a signal leaves no part of an output", arguments: [SIGTERM, SIGXCPU])
    func signals(_ number: Int32) throws {
        let source = try SparseCheckpoint.write(1 << 27, to: folder.file("big.safetensors"))
        for output in ["out", "out.safetensors"] {
            let room = try Files.folder(folder.file("room-\(output)"))
            let tool = try Tool.start(["convert", source, "\(room)/\(output)"])
            SparseCheckpoint.waitForOutput(of: tool, in: room)
            tool.signal(number)
            #expect(try tool.wait().status == 128 + number)
            #expect(try Files.listing(room) == [])
        }
    }

    @Test(
        "a closed terminal and a limit of CPU time save like Ctrl-C",
        arguments: [SIGHUP, SIGXCPU])
    func savingSignals(_ number: Int32) throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "250", "--lr", "1e-3")
        let process = try Tool.start(run.arguments("stopped"))
        while process.isRunning, (try? run.logLines("stopped").count) ?? 0 < 5 { usleep(2000) }
        process.signal(number)
        let outcome = try process.wait()
        outcome.failed(130, run.output("stopped"), mentioning: "stopped", "step")
        #expect(try run.states("stopped") == [try run.logLines("stopped").count])
    }

    @Test("nobody reads stderr: a run goes on to its end")
    func closedNotes() throws {
        let run = try FinetuneRun("--steps", "3")
        // `true` closes the pipe at once; the run writes its notes later.
        let script = """
            { sleep 0.3; "$@" 2>&3 3>&-; echo $? >'\(folder.file("status"))'; } 3>&1 >&2 | true
            """
        _ = try Tool.shell(script, run.arguments("out"))
        #expect(try Files.text(folder.file("status")) == "0\n")
        #expect(Files.exists("\(run.output("out"))/model.safetensors"))
    }

    @Test("nobody reads stdout: the command ends silently, as others do")
    func closedResults() throws {
        let script =
            "{ \"$@\"; echo $? >'\(folder.file("status"))'; } | true"
        let outcome = try Tool.shell(script, ["inspect", TestFiles.fixture("gpt2-tiny"), "--json"])
        #expect(outcome.errors == "")
        #expect(["0\n", "\(128 + SIGPIPE)\n"].contains(try Files.text(folder.file("status"))))
    }

    #if os(Linux)
        @Test("without memory a command ends with a message and a status")
        func noMemory() throws {
            let text = String(repeating: "a b ", count: 1 << 22)
            let file = try Files.write(text, to: folder.file("text"))
            let model = TestFiles.fixture("gpt2-tiny")
            let outcome = try Tool.shell(
                "ulimit -v 260000; exec \"$@\"", ["tokenize", model, "--input", file, "--json"])
            outcome.failed(74, "out of memory: ", mentioning: "refused")
        }
    #endif
}
