import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// Connections that break, servers that are busy, and downloads that continue where they were.
struct ConnectionTests {
    private static let weights = SampleFile.weights

    @Test("a broken connection continues after the bytes that arrived")
    func cuts() async throws {
        let calls = CallCounter()
        let run = try HubRun { request in
            guard request.isContent(of: Self.weights), calls.next() <= 3 else { return nil }
            var answer = LoopbackHub.content(Self.weights.bytes, request)
            answer.declaredLength = answer.body.count
            answer.cut = 70_000
            return answer
        }
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
        let ranges = run.requests(Self.weights.path).map { $0.headers["range"] }
        #expect(ranges == [nil, "bytes=70000-", "bytes=140000-", "bytes=210000-"])
    }

    @Test("if the connection keeps breaking, the download fails and keeps its bytes")
    func alwaysCut() async throws {
        let run = try HubRun { request in
            guard request.isContent(of: Self.weights) else { return nil }
            var answer = LoopbackHub.content(Self.weights.bytes, request)
            answer.cut = 10
            return answer
        }
        try await run.fails(.hubConnection, leaving: ["config.json"])
        #expect(run.requests(Self.weights.path).count == run.configuration.retries.attempts)
        let incomplete = run.repository + "/blobs/" + Self.weights.etag + ".incomplete"
        #expect(FileSystem.entry(incomplete) == .file(size: 50))
    }

    @Test("bytes from an earlier run are not requested again")
    func resumes() async throws {
        let run = try HubRun()
        try run.put(
            Array(Self.weights.bytes.prefix(123_456)), "blobs/\(Self.weights.etag).incomplete")
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
        #expect(run.requests(Self.weights.path).map { $0.headers["range"] } == ["bytes=123456-"])
        #expect(!run.exists("blobs/\(Self.weights.etag).incomplete"))
    }

    @Test("a file that an earlier run completed is not requested at all")
    func resumesWhole() async throws {
        let run = try HubRun()
        try run.put(Self.weights.bytes, "blobs/\(Self.weights.etag).incomplete")
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
        #expect(run.requests(Self.weights.path).isEmpty)
    }

    @Test(
        "what an earlier run left damaged, or too long, is begun anew", arguments: [200, 400_000])
    func resumesDamaged(_ count: Int) async throws {
        let run = try HubRun()
        try run.put([UInt8](repeating: 1, count: count), "blobs/\(Self.weights.etag).incomplete")
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
    }

    @Test("a server that ignores ranges sends the file from the beginning")
    func ignoresRanges() async throws {
        let run = try HubRun { request in
            request.isContent(of: Self.weights) ? .init(200, Self.weights.bytes) : nil
        }
        try run.put(
            Array(Self.weights.bytes.prefix(1000)), "blobs/\(Self.weights.etag).incomplete")
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
    }

    @Test("if a server refuses a range, the whole file is requested")
    func refusesRanges() async throws {
        let run = try HubRun { request in
            guard request.isContent(of: Self.weights), request.headers["range"] != nil else {
                return nil
            }
            return .init(416, headers: [("Content-Range", "bytes */300000")])
        }
        try run.put(
            Array(Self.weights.bytes.prefix(1000)), "blobs/\(Self.weights.etag).incomplete")
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
    }

    @Test("a range other than the requested one is never written to the file")
    func otherPart() async throws {
        let run = try HubRun { request in
            guard request.isContent(of: Self.weights), request.headers["range"] != nil else {
                return nil
            }
            return .init(
                206, Array(Self.weights.bytes[5000...]),
                headers: [("Content-Range", "bytes 5000-299999/300000")])
        }
        try run.put(
            Array(Self.weights.bytes.prefix(1000)), "blobs/\(Self.weights.etag).incomplete")
        try await run.fails(.hubAnswer, leaving: ["config.json"])
    }

    @Test("a request to a busy server is retried", arguments: [408, 429, 500, 502, 503, 504])
    func busy(_ status: Int) async throws {
        let calls = CallCounter()
        let run = try HubRun { request in
            // For the commit, the listing and each file: every second answer is a refusal.
            calls.next() % 2 == 1
                ? .init(status, text: "later", headers: [("Retry-After", "0")]) : nil
        }
        _ = try await run.download { $0.connections = 1 }
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
    }

    @Test("if a server stays busy, the download fails", arguments: [429, 503])
    func staysBusy(_ status: Int) async throws {
        let run = try HubRun { _ in .init(status) }
        try await run.fails(.hubRefused)
        #expect(run.hub.server.requests.count == run.configuration.retries.attempts)
    }

    @Test("asking for too long a pause counts as a refusal")
    func longPause() async throws {
        let run = try HubRun { _ in .init(429, headers: [("Retry-After", "99999")]) }
        try await run.fails(.hubRefused)
        #expect(run.hub.server.requests.count == 1)
    }

    @Test("a stall, before the answer or in the middle of it, counts as a broken connection")
    func silence() async throws {
        let calls = CallCounter()
        let run = try HubRun { request in
            guard request.isContent(of: Self.weights) else { return nil }
            var answer = LoopbackHub.content(Self.weights.bytes, request)
            switch calls.next() {
            case 1: answer.cut = 0
            case 2: answer.cut = 1000
            default: return nil
            }
            answer.hangs = true
            return answer
        }
        _ = try await run.download()
        #expect(try run.bytes(Self.weights.path) == Self.weights.bytes)
        #expect(run.requests(Self.weights.path).count == 3)
    }

    @Test("no server at the address")
    func nobody() async throws {
        // A port that was in use a moment ago and is free now.
        let port = try LoopbackServer { _ in .init() }.port
        let run = try HubRun()
        await #expect(throws: SwiftletError(.hubConnection, "")) {
            try await run.download { $0.endpoint = "http://127.0.0.1:\(port)" }
        }
    }

    @Test("a cancelled task ends soon and keeps the bytes that arrived")
    func cancellation() async throws {
        let run = try HubRun { request in
            guard request.isContent(of: Self.weights) else { return nil }
            var answer = LoopbackServer.Answer(200, Self.weights.bytes, cut: 1000)
            answer.hangs = true
            return answer
        }
        var configuration = run.configuration
        configuration.stallTimeout = .seconds(600)
        let download = try HubDownload(LoopbackHub.id, configuration: configuration)
        let task = Task { try await download.run() }
        while run.requests(Self.weights.path).isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        task.cancel()
        await #expect(throws: SwiftletError(.cancelled, "")) { try await task.value }
        #expect(!run.exists("refs/main"))
        #expect(run.exists("blobs/\(Self.weights.etag).incomplete"))
    }
}
