import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// What the process was started with: closed streams, little memory, damaged libraries.
struct ProcessFailureTests {
    private let model = TestFiles.fixture("gpt2-tiny")

    @Test(
        "no output ends up in a file that took a closed stream's descriptor",
        arguments: [("2>&-", 0), (">&-", 74), ("<&- 2>&-", 0), ("<&- >&- 2>&-", 74)])
    func closedStreams(_ redirections: String, _ status: Int32) throws {
        let run = try FinetuneRun("--steps", "3")
        try run.run("open").succeeded()
        // Notes go to stderr, the summary to stdout, and both come while the log is open or later.
        let outcome = try Tool.shell("exec \"$@\" \(redirections)", run.arguments("closed"))
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(try run.logLines("closed").count == run.logLines("open").count)
        #expect(try run.weights("closed") == run.weights("open"))
    }

    @Test("a command that does not compute runs in little memory", arguments: [150_000, 200_000])
    func littleMemory(_ kilobytes: Int) throws {
        for command in [["--version"], ["inspect", model]] {
            try Tool.shell("ulimit -v \(kilobytes); exec \"$@\"", command).succeeded()
        }
    }

    @Test(
        "too little memory for matrix products is an error before anything is computed",
        arguments: [150_000, 200_000])
    func tooLittleMemory(_ kilobytes: Int) throws {
        try Tool.shell(
            "ulimit -v \(kilobytes); exec \"$@\"", ["score", model, "a", "--threads", "1"]
        ).failed(74, "out of memory: ")
    }

    #if os(Linux)
        @Test("a library that cannot be opened is named, with the reason and the package")
        func damagedLibraries() throws {
            let folder = try TestFiles.temporaryFolder()
            for name in [
                "libopenblas.so.0", "libopenblas.so", "libcrypto.so.3", "libcrypto.so.1.1",
            ] {
                try Files.write("no library", to: folder.file(name))
            }
            let script = "LD_LIBRARY_PATH='\(folder.path)' exec \"$@\""
            let score = try Tool.shell(script, ["score", model, "a"])
            score.failed(
                69, "cannot multiply matrices: ", mentioning: folder.file("libopenblas.so.0"))
            #expect(score.errors.contains("libopenblas0-pthread"))
            let pull = try Tool.shell(
                "export HF_HOME='\(folder.path)'; " + script, ["pull", "someone/something"])
            pull.failed(
                69, "cannot compute hashes: ", mentioning: folder.file("libcrypto.so.3"))
            #expect(pull.errors.contains("libssl3"))
        }
    #endif
}
