import Foundation
import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// The files that a download leaves in the cache.
struct LayoutTests {
    @Test("blobs named by hash, links in the snapshot, the reference, and finding the model")
    func layout() async throws {
        let run = try HubRun([SampleFile.config, SampleFile.weights, SampleFile.readme])
        let summary = try await run.download()
        #expect(summary.path == run.snapshot)
        #expect(summary.files == 3)
        #expect(summary.bytes == 300_022)
        for file in [SampleFile.config, SampleFile.weights, SampleFile.readme] {
            #expect(try run.bytes(file.path) == file.bytes)
            let link = try FileManager.default.destinationOfSymbolicLink(
                atPath: run.snapshot + "/" + file.path)
            #expect(link == "../../blobs/" + file.etag)
        }
        let reference = try String(contentsOfFile: run.repository + "/refs/main", encoding: .utf8)
        #expect(reference == LoopbackHub.commit)
        let found = try ModelLocator.resolve(LoopbackHub.id, revision: nil) {
            $0 == "HF_HUB_CACHE" ? run.cache : nil
        }
        #expect(found == run.snapshot)
        #expect(
            try FileSystem.names(in: run.repository + "/blobs")
                == [SampleFile.config, SampleFile.readme, SampleFile.weights].map(\.etag).sorted())
    }

    @Test("files in folders, with characters that are escaped in addresses")
    func folders() async throws {
        var file = SampleFile.onnx
        file.path = "a b/c#d/é?.onnx"
        let encoded = "a%20b/c%23d/%C3%A9%3F.onnx"
        let content = file
        let run = try HubRun([SampleFile.config, file]) { request in
            request.target.hasSuffix(encoded) ? LoopbackHub.content(content.bytes, request) : nil
        }
        var selection = FileSelection()
        selection.everything = true
        _ = try await run.download(selection)
        #expect(try run.bytes(file.path) == file.bytes)
    }

    @Test("a second download requests no content")
    func again() async throws {
        let run = try HubRun()
        _ = try await run.download()
        let count = run.hub.server.requests.count
        let summary = try await run.download()
        #expect(summary.files == 2)
        #expect(run.hub.server.requests.dropFirst(count).allSatisfy { $0.target.contains("/api/") })
    }

    @Test("a truncated blob and a wrong link are repaired")
    func repair() async throws {
        let run = try HubRun()
        _ = try await run.download()
        try run.put([1, 2, 3], "blobs/" + SampleFile.weights.etag)
        try FileManager.default.removeItem(atPath: run.snapshot + "/config.json")
        try FileManager.default.createSymbolicLink(
            atPath: run.snapshot + "/config.json", withDestinationPath: "/nowhere")
        _ = try await run.download()
        #expect(try run.bytes("config.json") == SampleFile.config.bytes)
        #expect(try run.bytes("model.safetensors") == SampleFile.weights.bytes)
    }

    @Test("a commit is not looked up and gets no reference")
    func commit() async throws {
        let run = try HubRun()
        _ = try await run.download(revision: LoopbackHub.commit)
        #expect(!run.exists("refs"))
        #expect(!run.hub.server.requests.contains { $0.target.contains("/revision/") })
    }

    @Test("a branch with slashes")
    func branch() async throws {
        let run = try HubRun { request in
            request.target == "/api/models/org/model/revision/refs%2Fpr%2F1"
                ? .init(text: #"{"sha":"\#(LoopbackHub.commit)"}"#) : nil
        }
        _ = try await run.download(revision: "refs/pr/1")
        #expect(run.exists("refs/refs/pr/1"))
    }

    @Test("offline, the result comes from the cache")
    func offline() async throws {
        let run = try HubRun()
        await #expect(throws: SwiftletError(.hubOffline, "")) {
            try await run.download { $0.isOffline = true }
        }
        _ = try await run.download()
        let count = run.hub.server.requests.count
        let summary = try await run.download { $0.isOffline = true }
        #expect(summary.path == run.snapshot)
        #expect(summary.files == 2)
        #expect(summary.bytes == 300_022)
        #expect(run.hub.server.requests.count == count)
    }

    @Test("two simultaneous downloads transfer each file once, and both are complete")
    func twoAtOnce() async throws {
        let run = try HubRun { request in
            if request.isContent(of: SampleFile.weights) { usleep(200_000) }
            return nil
        }
        async let one = run.download()
        async let other = run.download()
        let paths = try await [one.path, other.path]
        #expect(paths == [run.snapshot, run.snapshot])
        #expect(try run.bytes("model.safetensors") == SampleFile.weights.bytes)
        #expect(run.requests("model.safetensors").count == 1)
    }

    @Test("progress never exceeds the total and ends there")
    func progress() async throws {
        let run = try HubRun()
        let values = ProgressLog()
        _ = try await HubDownload(LoopbackHub.id, configuration: run.configuration).run {
            values.add($0)
        }
        #expect(values.all.allSatisfy { $0.bytesDone <= $0.bytesTotal && $0.bytesTotal == 300_022 })
        #expect(values.all.last?.bytesDone == 300_022)
    }
}
