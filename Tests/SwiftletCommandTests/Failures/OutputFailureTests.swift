import Testing
import _SwiftletTestSupport

/// Outputs that cannot be created, and full disks.
struct OutputFailureTests {
    private let model = TestFiles.fixture("gpt2-tiny")
    private let folder: TemporaryFolder
    private let data: String

    init() throws {
        folder = try TestFiles.temporaryFolder()
        data = try Files.write("{\"ids\": [1, 2]}\n", to: folder.file("data"))
    }

    /// The commands that create a folder, with `path` as the folder.
    private func makers(_ path: String) -> [[String]] {
        [
            ["convert", model, path], ["init", model, path],
            ["finetune", model, "--data", data, "--out", path],
        ]
    }

    @Test("an existing output is left unchanged")
    func exists() throws {
        let full = try Files.copy("text", to: folder.file("full"))
        let file = try Files.write("mine", to: folder.file("file"))
        for path in [full, file] {
            for command in makers(path) {
                let before = try Files.listing(folder.path)
                try Tool.run(command).failed(73, "\(path): ", mentioning: "exists")
                #expect(try Files.listing(folder.path) == before)
            }
        }
        let weights = try Files.write("mine", to: folder.file("x.safetensors"))
        try Tool.run("convert", model, weights).failed(73, "\(weights): ", mentioning: "exists")
        #expect(try Files.text(weights) == "mine")
    }

    @Test("missing parent folders are created; an empty folder can be the output")
    func empty() throws {
        for (number, name) in ["convert", "init", "finetune"].enumerated() {
            let deep = folder.file("\(name)/deep/out")
            try Tool.run(makers(deep)[number]).succeeded()
            #expect(Files.exists("\(deep)/model.safetensors"))
            let empty = try Files.folder(folder.file("\(name)-empty"))
            // convert requires --force even then, in case the folder is a mistake.
            try Tool.run(makers(empty)[number] + (name == "convert" ? ["--force"] : []))
                .succeeded()
            #expect(Files.exists("\(empty)/model.safetensors"))
        }
    }

    @Test("a folder that cannot be created")
    func impossible() throws {
        for command in makers("\(data)/out") { try Tool.run(command).failed(73, data) }
        for command in makers("/proc/nothing/out") { try Tool.run(command).failed(73, "/proc") }
        let log = folder.file("nothing/log")
        try Tool.run(makers(folder.file("out"))[2] + ["--log", log]).failed(73, "\(log): ")
        let file = "/proc/out.safetensors"
        try Tool.run("convert", model, file).failed(73, "\(file): ")
    }

    @Test("--force replaces a checkpoint and nothing else")
    func force() throws {
        let out = folder.file("out")
        try Tool.run("convert", TestFiles.fixture("gpt2-variant"), out).succeeded()
        try Tool.run("convert", model, out).failed(73, "\(out): ")
        try Tool.run("diff", TestFiles.fixture("gpt2-variant"), out).succeeded()
        try Tool.run("convert", model, out, "--force").succeeded()
        try Tool.run("diff", model, out).succeeded()

        let text = try Files.copy("text", to: folder.file("text"))
        try Tool.run("convert", model, text, "--force").failed(73, "\(text): ")
        #expect(Files.exists("\(text)/lighthouse.txt"))
        // A configuration beside other files does not make a folder a checkpoint.
        let project = try Files.folder(folder.file("project/thesis"))
        try Files.write("{}", to: folder.file("project/config.json"))
        try Tool.run("convert", model, folder.file("project"), "--force")
            .failed(73, folder.file("project"), mentioning: "thesis")
        #expect(Files.exists(project))
        try Tool.run("convert", "\(out)/model.safetensors", out, "--force").failed(73, "\(out): ")
        // A model may be converted onto itself.
        try Tool.run("convert", out, out, "--force").succeeded()
        try Tool.run("diff", model, out).succeeded()
    }

    @Test("stdout that cannot be written")
    func fullOutput() throws {
        for command in [
            ["inspect", model], ["inspect", model, "--json"], ["diff", model, model],
            ["diff", model, TestFiles.fixture("gpt2-tiny-f16")], ["tokenize", model, "a"],
            ["detokenize", model, "1"], ["score", model, "a", "--json"],
            ["generate", model, "--prompt", "a", "--max-new-tokens", "2"], ["score", "--help"],
            ["convert", model, folder.file("out"), "--json"],
        ] {
            try Tool.run(command, output: "/dev/full").failed(74, "stdout: ")
        }
        try Tool.shell("exec \"$@\" >&-", ["tokenize", model, "a"]).failed(74, "stdout: ")
    }

    /// Ways to run out of space for a checkpoint of 454,000 bytes in the folder `$ROOM`.
    private enum Shortage: String, CaseIterable {
        /// Files are limited to 100 blocks of 512 or 1,024 bytes.
        case fileSizeLimit = "ulimit -f 100; \"$@\"; status=$?"
        /// A disk of 200 kB, in a mount namespace that ends with the shell.
        case smallDisk = """
            mount -t tmpfs -o size=200k none "$ROOM" || exit 200; "$@"; status=$?
            """

        /// The ways that work here: mounting needs privileges.
        static func possible() throws -> [Shortage] {
            let script = "unshare -m mount -t tmpfs -o size=200k none /mnt"
            return try Tool.shell(script, []).status == 0 ? allCases : [.fileSizeLimit]
        }

        /// Runs a command, then lists all that is in `$ROOM`.
        func run(_ command: [String], in room: String) throws -> Outcome {
            let script =
                "ROOM='\(room)'; \(rawValue); find \"$ROOM\" -mindepth 1; exit $status"
            guard self == .smallDisk else { return try Tool.shell(script, command) }
            return try RunningTool(
                "/usr/bin/env", ["unshare", "-m", "sh", "-c", script, "sh", Tool.path] + command
            ).wait()
        }
    }

    @Test("on a full disk a command exits with 74 and leaves nothing half-written")
    func fullDisk() throws {
        for shortage in try Shortage.possible() {
            let room = try Files.folder(folder.file("\(shortage)"))
            for command in makers("\(room)/out").prefix(2) + [
                ["convert", model, "\(room)/out.safetensors"]
            ] {
                try shortage.run(command, in: room).failed(74, "\(room)/")
            }
            // The folder of a run exists from the start, but no model, nor a part of one.
            let outcome = try shortage.run(makers("\(room)/out")[2], in: room)
            outcome.failed(74, "\(room)/", output: outcome.output)
            #expect(!outcome.output.contains("safetensors"), "\(outcome.output)")
        }
    }
}
