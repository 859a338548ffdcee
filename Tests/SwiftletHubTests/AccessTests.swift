import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// Tokens, refusals, redirects and pages.
struct AccessTests {
    @Test("the token is sent to the Hub but not to the target of a redirect")
    func token() async throws {
        let storage = try LoopbackServer { LoopbackHub.content(SampleFile.weights.bytes, $0) }
        let address = storage.address
        let run = try HubRun { request in
            request.isContent(of: SampleFile.weights)
                ? .init(302, headers: [("Location", "\(address)/signed?x=1&y=2")]) : nil
        }
        try run.put(
            Array(SampleFile.weights.bytes.prefix(9)), "blobs/\(SampleFile.weights.etag).incomplete"
        )
        _ = try await run.download { $0.token = "hf_secret" }
        #expect(try run.bytes("model.safetensors") == SampleFile.weights.bytes)
        #expect(run.hub.server.requests.count == 4)
        #expect(
            run.hub.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" }
        )
        #expect(storage.requests.map(\.target) == ["/signed?x=1&y=2"])
        #expect(storage.requests[0].headers["authorization"] == nil)
        #expect(!storage.requests[0].headers.values.contains { $0.contains("hf_secret") })
        #expect(storage.requests[0].headers["range"] == "bytes=9-")
    }

    @Test("a moved repository is followed with the token")
    func moved() async throws {
        let run = try HubRun { request in
            request.target == "/api/models/old/revision/main"
                ? .init(307, headers: [("Location", "/api/models/org/model/revision/main")]) : nil
        }
        var configuration = run.configuration
        configuration.token = "hf_secret"
        // Its listing is requested by the old name, as huggingface_hub does, and not found here.
        let download = try HubDownload("old", configuration: configuration)
        await #expect(throws: SwiftletError(.hubNotFound, "")) { try await download.run() }
        #expect(
            run.hub.server.requests.map(\.target) == [
                "/api/models/old/revision/main", "/api/models/org/model/revision/main",
                "/api/models/old/tree/\(LoopbackHub.commit)?recursive=true",
            ])
        #expect(
            run.hub.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" }
        )
    }

    @Test(
        "redirects in a circle, and to something other than a web address",
        arguments: [
            "/here", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://",
            "http://user:pw@127.0.0.1/",
            "http://127.0.0.1\\@127.0.0.1/",
        ])
    func redirects(_ place: String) async throws {
        let run = try HubRun { request in
            request.isContent(of: SampleFile.weights) || request.target == "/here"
                ? .init(302, headers: [("Location", place)]) : nil
        }
        try await run.fails(.hubRedirect, leaving: ["config.json"])
        #expect(run.hub.server.requests.count < 30)
    }

    @Test(
        "a private, gated or missing repository",
        arguments: [
            (401, SwiftletError.Code.hubAccess), (403, .hubAccess), (404, .hubNotFound),
            (400, .hubRefused), (451, .hubRefused),
        ])
    func refusals(_ status: Int, _ code: SwiftletError.Code) async throws {
        let run = try HubRun { _ in
            .init(status, text: "no", headers: [("X-Error-Message", "for a\u{1B}[31m reason")])
        }
        try await run.fails(code)
        #expect(run.hub.server.requests.count == 1)
        #expect(FileSystem.entry(run.cache) == nil)
    }

    @Test("a listing with several pages")
    func pages() async throws {
        let files = SampleFile.shards + [SampleFile.index, SampleFile.config]
        let run = try HubRun(files) { request in
            let path = "/api/models/org/model/tree/\(LoopbackHub.commit)"
            switch request.target {
            case "\(path)?recursive=true":
                var answer = LoopbackHub.listing(Array(files[..<2]))
                let host = request.headers["host"] ?? ""
                answer.headers = [
                    (
                        "Link",
                        "<http://\(host)/first>; rel=\"first\", <http://\(host)\(path)?cursor=a,b>; rel=\"next\""
                    )
                ]
                return answer
            case "\(path)?cursor=a,b": return LoopbackHub.listing(Array(files[2...]))
            default: return nil
            }
        }
        _ = try await run.download()
        #expect(try run.visible() == files.map(\.path).sorted())
    }

    @Test("a page that links to itself as the next page")
    func samePage() async throws {
        let run = try HubRun { request in
            guard request.target.contains("/tree/") else { return nil }
            return .init(text: "[]", headers: [("Link", "<\(request.target)>; rel=next")])
        }
        try await run.fails(.hubAnswer)
        #expect(run.hub.server.requests.count == 2)
    }

    @Test(
        "addresses",
        arguments: [
            ("http://h/a", "b", "http://h:80/b"), ("http://h/a/b?c", "d?e#f", "http://h:80/a/d?e"),
            ("https://H:8/a", "/b", "https://h:8/b"), ("https://h", "//i/c", "https://i:443/c"),
            ("http://h/a?b", "?c", "http://h:80/a?c"),
            ("http://h/a", "https://i", "https://i:443/"),
            ("http://[::1]:80/", "é", "http://[::1]:80/%C3%A9"),
            ("http://h?x", "http://i?y", "http://i:80/?y"),
        ])
    func addresses(_ base: String, _ reference: String, _ expected: String) {
        #expect(HTTPAddress(base)?.resolving(reference)?.text == expected)
    }

    @Test(
        "invalid addresses",
        arguments: [
            "", "h", "ftp://h", "http://", "http://h:", "http://h:0", "http://h:65536",
            "http://h:x",
            "http://a@b", "http://h h", "http://h\r\nX: y", "http://[::1", "http://[]",
            "http://h:+1",
            "http://h%41/", "http://é/",
        ])
    func invalidAddresses(_ text: String) {
        // An empty port means the default one.
        #expect(HTTPAddress(text) == nil || text == "http://h:")
    }
}
