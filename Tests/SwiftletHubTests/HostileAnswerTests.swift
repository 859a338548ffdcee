import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// Answers that are wrong, by accident or on purpose: none of their content becomes visible.
struct HostileAnswerTests {
    private static let weights = SampleFile.weights

    private static func serving(_ answer: LoopbackServer.Answer) throws -> HubRun {
        try HubRun { $0.isContent(of: weights) ? answer : nil }
    }

    @Test("wrong content is refused and removed", arguments: [true, false])
    func content(_ isLarge: Bool) async throws {
        let file = isLarge ? Self.weights : SampleFile.config
        var wrong = file.bytes
        wrong[wrong.count / 2] ^= 1
        let bytes = wrong
        let run = try HubRun { $0.isContent(of: file) ? .init(200, bytes) : nil }
        await #expect(throws: SwiftletError(.hubContent, "")) {
            try await run.download { $0.connections = 1 }
        }
        #expect(try run.visible() == (isLarge ? ["config.json"] : []))
        #expect(!run.exists("blobs/\(file.etag)"))
        #expect(!run.exists("blobs/\(file.etag).incomplete"))
        #expect(!run.exists("refs/main"))
    }

    @Test("a length other than the listed one", arguments: [-7, 7])
    func length(_ difference: Int) async throws {
        var bytes = Self.weights.bytes
        if difference < 0 { bytes.removeLast(-difference) } else { bytes += [1, 2, 3, 4, 5, 6, 7] }
        let run = try Self.serving(.init(200, bytes))
        try await run.fails(.hubSize, leaving: ["config.json"])
        #expect(!run.exists("blobs/\(Self.weights.etag).incomplete"))
    }

    @Test("an answer of the wrong length does not discard bytes from an earlier run")
    func portal() async throws {
        let run = try Self.serving(.init(text: "<html>Log in</html>"))
        let incomplete = "blobs/\(Self.weights.etag).incomplete"
        try run.put(Array(Self.weights.bytes.prefix(1000)), incomplete)
        try await run.fails(.hubSize, leaving: ["config.json"])
        #expect(FileSystem.entry(run.repository + "/" + incomplete) == .file(size: 1000))
    }

    @Test("an endless body without a length")
    func endless() async throws {
        var answer = LoopbackServer.Answer(200, Self.weights.bytes, declaredLength: -1)
        answer.isEndless = true
        let run = try Self.serving(answer)
        try await run.fails(.hubSize, leaving: ["config.json"])
        #expect(!run.exists("blobs/\(Self.weights.etag).incomplete"))
    }

    @Test("an endless listing is refused")
    func endlessListing() async throws {
        let run = try HubRun { request in
            guard request.target.contains("/tree/") else { return nil }
            let page = CallPage.next()
            return .init(
                text: "[]",
                headers: [
                    (
                        "Link",
                        "<\(request.target.prefix { $0 != "?" })?cursor=\(page)>; rel=\"next\""
                    )
                ])
        }
        try await run.fails(.hubAnswer)
    }

    private enum CallPage {
        static let counter = CallCounter()
        static func next() -> Int { counter.next() }
    }

    @Test(
        "paths that lead out of the folder, before anything is written",
        arguments: [
            "../x", "/etc/x", "a/../../x", "a//b", "./a", "a/.", "", "..", "a/", #"a\u0000b"#,
        ])
    func paths(_ path: String) async throws {
        let run = try HubRun { request in
            guard request.target.contains("/tree/") else { return nil }
            var file = SampleFile.config
            file.path = path
            return LoopbackHub.listing([SampleFile.weights, file])
        }
        var selection = FileSelection()
        selection.everything = true
        try await run.fails(.hubPath, selection)
        #expect(FileSystem.entry(run.cache) == nil)
    }

    @Test("a duplicate path, and a file inside a file")
    func clashes() async throws {
        var inside = SampleFile.readme
        inside.path = "config.json/a"
        for files in [[SampleFile.config, SampleFile.config], [SampleFile.config, inside]] {
            try await HubRun(files).fails(.hubPath)
        }
    }

    @Test(
        "malformed listings and commits",
        arguments: [
            "", "{", "{}", "null", "[1]", "[{}]", #"[{"type":"file","path":"a"}]"#,
            #"[{"type":"file","path":"a","size":-1,"oid":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"}]"#,
            #"[{"type":"file","path":"a","size":1e300,"oid":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"}]"#,
            #"[{"type":"file","path":"a","size":0,"oid":"../../../../x"}]"#,
            #"[{"type":"file","path":"a","size":0,"oid":"E69DE29BB2D1D6434B8B29AE775AD8C2E48C5391"}]"#,
            #"[{"type":"file","path":"a","size":5,"oid":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391","lfs":{"oid":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391","size":5}}]"#,
        ])
    func listings(_ text: String) async throws {
        for part in ["/tree/", "/revision/"] {
            let run = try HubRun { $0.target.contains(part) ? .init(text: text) : nil }
            await #expect {
                try await run.download()
            } throws: {
                ($0 as? SwiftletError)?.code.kind == .badData
            }
            #expect(FileSystem.entry(run.cache) == nil)
        }
    }

    @Test("a commit that is a path")
    func commit() async throws {
        let run = try HubRun { request in
            request.target.contains("/revision/") ? .init(text: #"{"sha":"../../x"}"#) : nil
        }
        try await run.fails(.hubAnswer)
    }

    @Test("an answer longer than any listing")
    func longAnswer() async throws {
        let run = try HubRun { request in
            guard request.target.contains("/revision/") else { return nil }
            var answer = LoopbackServer.Answer(
                200, [UInt8](repeating: UInt8(ascii: " "), count: 1 << 16), declaredLength: -1)
            answer.isEndless = true
            return answer
        }
        try await run.fails(.hubAnswer)
    }

    @Test("endless headers")
    func longHeaders() async throws {
        let run = try HubRun { _ in
            .init(
                200, headers: (0..<5000).map { ("X-\($0)", String(repeating: "a", count: 100)) })
        }
        await #expect(throws: SwiftletError.self) { try await run.download() }
    }

    @Test("a folder at the path of a blob")
    func folder() async throws {
        let run = try HubRun()
        try FileSystem.createFolder(run.repository + "/blobs/\(Self.weights.etag).incomplete")
        try await run.fails(.cannotCreate, leaving: ["config.json"])
    }

    @Test("a link at the path of a blob is not followed")
    func link() async throws {
        let run = try HubRun()
        let victim = run.folder.file("victim")
        try FileSystem.createFolder(run.repository + "/blobs")
        try AtomicFile.write([1], to: victim)
        try FileSystem.createLink(
            run.repository + "/blobs/\(Self.weights.etag).incomplete", to: victim)
        try await run.fails(.cannotCreate, leaving: ["config.json"])
        #expect(FileSystem.entry(victim) == .file(size: 1))
    }
}
