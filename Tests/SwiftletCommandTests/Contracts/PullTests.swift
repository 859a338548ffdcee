import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `pull`, against a server on this machine.
struct PullTests {
    // Hashes are those of `git hash-object` and `sha256sum`.
    private static let hashes: [(String, git: String, sha256: String?)] = [
        ("README.md", "b92ac689ec2801d5ebf2da32657a191c4666410b", nil),
        ("config.json", "f3b6e3664b98810b77def8bc0f89d1d8d2cbf335", nil),
        ("generation_config.json", "b92baefddd7e6ae87808ab8b6a6f3b80c6286e48", nil),
        ("merges.txt", "902eb9fea81287cba83e861dec3f2e3ed3bbad5a", nil),
        (
            "model.safetensors", "6e8ba9a204acb614f408705ec6f3dc9f709efbd5",
            "644eaaf05f3faadd696776c14627ccbaa146197bdc16d3172f37c2d0a7f3f122"
        ),
        ("tokenizer.json", "438498e592eb83a60c0ad68198620061f8c512f5", nil),
        ("tokenizer_config.json", "50e6029e2ab48262e44d6da430421e5332f73d44", nil),
        ("vocab.json", "c2288257d010162bf002e3831ec9243fe92314f7", nil),
    ]
    private static let torch = HubFile(
        "pytorch_model.bin", Array("not wanted\n".utf8),
        git: "6c02293024d1b3f1f3bf0b7f3e891bdd228cc197")
    private static let weights = "model.safetensors"

    /// A hub that serves the fixture, and a cache for the tool.
    private final class Run {
        let hub: LoopbackHub
        let folder: TemporaryFolder

        init(
            override: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer? = {
                _ in nil
            }
        ) throws {
            let files = try hashes.map { name, git, sha256 in
                HubFile(
                    name, try Files.read(TestFiles.fixture("gpt2-tiny/\(name)")), git: git,
                    sha256: sha256)
            }
            hub = try LoopbackHub(files + [torch], override: override)
            folder = try TestFiles.temporaryFolder()
        }

        var repository: String { folder.file("hub/models--org--model") }
        var snapshot: String { "\(repository)/snapshots/\(LoopbackHub.commit)" }

        /// The variables of the tool, and the tool.
        private func script(_ before: String, _ variables: [String]) -> String {
            let all =
                [
                    "HF_HOME='\(folder.path)'", "HF_ENDPOINT='\(hub.server.address)'",
                    "no_proxy=127.0.0.1", "HF_HUB_DOWNLOAD_TIMEOUT=1",
                ] + variables
            let unset = ["HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"]
            return "\(before)unset \(unset.joined(separator: " "));"
                + "export \(all.joined(separator: " ")); exec \"$@\""
        }

        func tool(
            _ arguments: String..., before: String = "", variables: [String] = []
        ) throws -> Outcome { try start(arguments, before: before, variables: variables).wait() }

        func start(
            _ arguments: [String], before: String = "", variables: [String] = []
        ) throws -> RunningTool {
            try RunningTool(
                "/bin/sh", ["-c", script(before, variables), "sh", Tool.path] + arguments)
        }
    }

    @Test("brings a model that the other commands find by its id")
    func pull() throws {
        let run = try Run()
        let result = try run.tool("pull", LoopbackHub.id, "--json").object()
        #expect(try result.string("path") == run.snapshot)
        #expect(try result.int("files") == 8)
        #expect(try result.int("bytes") == 472_152)
        #expect(try result.strings("left_out") == ["pytorch_model.bin"])
        let inspected = try run.tool("inspect", LoopbackHub.id, "--json").object()
        #expect(try inspected.string("family") == "gpt2")
        #expect(
            try Files.read("\(run.snapshot)/\(Self.weights)")
                == Files.read(TestFiles.fixture("gpt2-tiny/\(Self.weights)")))
    }

    @Test("says what it left out, and nothing when quiet")
    func notes() throws {
        let run = try Run()
        let loud = try run.tool("pull", LoopbackHub.id).succeeded()
        #expect(loud.errors.contains("note: left out 1 of 9 files (11 B): pytorch_model.bin"))
        #expect(loud.output.hasPrefix("\(run.snapshot): 8 files, "))
        #expect(try run.tool("pull", LoopbackHub.id, "--quiet").succeeded().errors == "")
        let all = try run.tool("pull", LoopbackHub.id, "--all", "--json")
        #expect(try all.object().int("files") == 9)
        #expect(all.errors == "")
    }

    @Test("takes patterns")
    func patterns() throws {
        let run = try Run()
        let outcome = try run.tool(
            "pull", LoopbackHub.id, "--include", "*.json", "--include", "*.bin", "--exclude",
            "tokenizer*", "--json")
        #expect(try outcome.object().int("files") == 4)
        #expect(try run.tool("pull", LoopbackHub.id, "--include", "x").errors.contains("no file"))
        try run.tool("pull", LoopbackHub.id, "--include", "x", "--all").failed(
            64, "--all and --include")
    }

    @Test("offline it finds what is there")
    func offline() throws {
        let run = try Run()
        let variables = ["HF_HUB_OFFLINE=1"]
        try run.tool("pull", LoopbackHub.id, variables: variables).failed(
            66, "org/model: ", mentioning: "HF_HUB_OFFLINE")
        try run.tool("pull", LoopbackHub.id, "--quiet").succeeded()
        let found = try run.tool("pull", LoopbackHub.id, "--json", variables: variables).object()
        #expect(try found.int("bytes") == 472_152)
    }

    @Test("sends the token of the variable or the file")
    func token() throws {
        let run = try Run { request in
            request.headers["authorization"] == "Bearer hf_x" ? nil : .init(401)
        }
        try run.tool("pull", LoopbackHub.id).failed(66, "org/model: ", mentioning: "401")
        #expect(try run.tool("pull", LoopbackHub.id).errors.contains("hint: private and gated"))
        try run.tool("pull", LoopbackHub.id, "--quiet", variables: ["HF_TOKEN=hf_x"]).succeeded()
        try Files.write("hf_x\n", to: run.folder.file("token"))
        try run.tool("pull", LoopbackHub.id, "--quiet").succeeded()
    }

    @Test("ends with the status of the failure", arguments: [(404, 66), (403, 66), (400, 74)])
    func statuses(_ status: Int, _ expected: Int32) throws {
        let run = try Run { _ in .init(status) }
        try run.tool("pull", LoopbackHub.id).failed(
            expected, "org/model: ", mentioning: "\(status)")
        #expect(!Files.exists(run.folder.file("hub")))
    }

    @Test("refuses wrong content and climbing paths")
    func hostile() throws {
        let wrong = try Run { request in
            request.target.hasSuffix("/vocab.json")
                ? .init(200, [UInt8](repeating: 0, count: 7402)) : nil
        }
        try wrong.tool("pull", LoopbackHub.id).failed(65, "vocab.json: ")
        #expect(!Files.exists("\(wrong.snapshot)/vocab.json"))
        #expect(!Files.exists("\(wrong.repository)/refs"))
        let climbing = try Run { request in
            guard request.target.contains("/tree/") else { return nil }
            var file = Self.torch
            file.path = "../../x"
            return LoopbackHub.listing([file])
        }
        try climbing.tool("pull", LoopbackHub.id, "--all").failed(65, "org/model: ")
        #expect(!Files.exists(climbing.folder.file("hub")))
    }

    @Test("no id, and no revision, is wrong usage")
    func usage() throws {
        let run = try Run()
        for arguments in [["a/b/c"], ["../x"], [LoopbackHub.id, "--revision", "../x"]] {
            let outcome = try run.start(["pull"] + arguments).wait()
            outcome.failed(64, "\(arguments[0]): ")
        }
        #expect(run.hub.server.requests.isEmpty)
    }

    @Test(
        "a signal stops it with its status, and the next one goes on",
        arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGKILL, 137)] as [(Int32, Int32)])
    func signals(_ signal: Int32, _ status: Int32) throws {
        let bytes = try Files.read(TestFiles.fixture("gpt2-tiny/\(Self.weights)"))
        let run = try Run { request in
            guard request.target.hasSuffix(Self.weights), request.headers["range"] == nil else {
                return nil
            }
            var answer = LoopbackServer.Answer(200, bytes, cut: 200_000)
            answer.hangs = true
            return answer
        }
        let tool = try run.start(
            ["pull", LoopbackHub.id], variables: ["HF_HUB_DOWNLOAD_TIMEOUT=600"])
        let incomplete =
            "\(run.repository)/blobs/\(Self.hashes[4].sha256 ?? "").incomplete"
        func size() -> Int { (try? Files.read(incomplete).count) ?? 0 }
        while size() < 200_000, tool.isRunning { usleep(5000) }
        tool.signal(signal)
        let outcome = try tool.wait()
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(size() == 200_000)
        #expect(!Files.exists("\(run.snapshot)/\(Self.weights)"))
        #expect(!Files.exists("\(run.repository)/refs/main"))
        try run.tool("pull", LoopbackHub.id, "--quiet").succeeded()
        #expect(try Files.read("\(run.snapshot)/\(Self.weights)") == bytes)
        #expect(run.hub.server.requests.last?.headers["range"] == "bytes=200000-")
    }

    @Test("a disk that is full is an error, and with room the next one goes on")
    func full() throws {
        let run = try Run()
        // A limit on the size of files does what a full disk does; 512 bytes a block.
        let outcome = try run.tool("pull", LoopbackHub.id, before: "ulimit -f 400;")
        outcome.failed(74, "", mentioning: "cannot write")
        #expect(!Files.exists("\(run.snapshot)/\(Self.weights)"))
        try run.tool("pull", LoopbackHub.id, "--quiet").succeeded()
    }

    @Test("two at once both succeed")
    func twoAtOnce() throws {
        let run = try Run { request in
            if request.target.hasSuffix(Self.weights) { usleep(200_000) }
            return nil
        }
        let tools = try (0..<3).map { _ in try run.start(["pull", LoopbackHub.id, "--json"]) }
        for tool in tools { #expect(try tool.wait().object().int("files") == 8) }
        let content = run.hub.server.requests.filter { $0.target.hasSuffix(Self.weights) }
        #expect(content.count == 1)
    }
}
