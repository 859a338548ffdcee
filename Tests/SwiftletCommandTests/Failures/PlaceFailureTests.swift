import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Links, permissions, and several processes at one place.
struct PlaceFailureTests {
    private let model = TestFiles.fixture("gpt2-tiny")
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    @Test("a link to an empty folder stands for the folder")
    func linkedOutput() throws {
        for command in [["init", model], ["convert", model]] {
            let real = try Files.folder(folder.file("real-\(command[0])"))
            let link = folder.file("link-\(command[0])")
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: real)
            // convert requires --force even then, in case the folder is a mistake.
            let force = command[0] == "convert" ? ["--force"] : []
            try Tool.run(command + [link] + force).succeeded()
            #expect(Files.exists("\(real)/model.safetensors"))
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == real)
        }
        try Tool.run("convert", model, folder.file("link-init"), "--force").succeeded()
        try Tool.run("diff", model, folder.file("real-init")).succeeded()
    }

    @Test("several conversions to one folder: each succeeds or says why, and one result stays")
    func race() throws {
        let output = folder.file("out")
        for _ in 0..<8 {
            let tools = try (0..<6).map { _ in
                try Tool.start(["convert", model, output, "--force"])
            }
            for tool in tools {
                let outcome = try tool.wait()
                if outcome.status != 0 {
                    outcome.failed(73, "\(output): ")
                    #expect(!outcome.errors.contains("No such file"), "\(outcome.errors)")
                }
            }
            try Tool.run("diff", model, output).succeeded()
            #expect(try FileSystem.names(in: folder.path) == ["out"])
        }
    }

    @Test("a path that cannot be reached is no missing model")
    func obstacle() throws {
        let loop = folder.file("loop")
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
        for command in [["inspect"], ["score", "--jsonl"], ["tokenize", "--jsonl"]] {
            try Tool.run([command[0], "\(loop)/model"] + command.dropFirst())
                .failed(66, "\(loop)/model: ", mentioning: "links")
        }
    }

    #if os(Linux)
        @Test("a folder that must not be entered is the reason")
        func permission() throws {
            let closed = try Files.folder(folder.file("closed"))
            _ = try Files.copy("gpt2-tiny", to: "\(closed)/model")
            chmod(folder.path, 0o755)
            chmod(closed, 0o700)
            guard geteuid() == 0 else {
                chmod(closed, 0)
                defer { chmod(closed, 0o700) }
                try Tool.run("inspect", "\(closed)/model")
                    .failed(66, "\(closed)/model: ", mentioning: "ermission")
                return
            }
            // The superuser may enter any folder, others may not.
            let script = "exec setpriv --reuid 65534 --clear-groups \"$@\""
            guard try Tool.shell(script, ["--version"]).status == 0 else { return }
            try Tool.shell(script, ["inspect", "\(closed)/model"])
                .failed(66, "\(closed)/model: ", mentioning: "ermission")
        }
    #endif

    @Test("links that lead out of the model are not copied, those into it and to blobs are")
    func carriedLinks() throws {
        let cache = try Files.folder(folder.file("hub/models--a--b"))
        let blobs = try Files.folder("\(cache)/blobs")
        let snapshot = try Files.folder("\(cache)/snapshots/0123")
        let source = TestFiles.fixture("gpt2-tiny")
        for name in ["config.json", "model.safetensors", "tokenizer.json"] {
            try FileManager.default.copyItem(
                atPath: "\(source)/\(name)", toPath: "\(blobs)/\(name)")
            try FileManager.default.createSymbolicLink(
                atPath: "\(snapshot)/\(name)", withDestinationPath: "../../blobs/\(name)")
        }
        let secret = try Files.write("secret", to: folder.file("secret.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: "\(snapshot)/notes.txt", withDestinationPath: secret)
        try Files.write("inner", to: "\(snapshot)/inner.txt")
        try FileManager.default.createSymbolicLink(
            atPath: "\(snapshot)/merges.txt", withDestinationPath: "inner.txt")
        let outcome = try Tool.run("convert", snapshot, folder.file("out")).succeeded()
        #expect(
            try FileSystem.names(in: folder.file("out")) == [
                "config.json", "inner.txt", "merges.txt", "model.safetensors", "tokenizer.json",
            ])
        #expect(outcome.errors.contains("notes.txt is not copied"), "\(outcome.errors)")
        #expect(outcome.errors.contains(secret), "\(outcome.errors)")
    }
}
