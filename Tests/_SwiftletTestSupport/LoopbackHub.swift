/// A file of a repository, with the hashes that `git hash-object` and `sha256sum` print.
public struct HubFile: Sendable {
    /// The path in the repository.
    public var path: String
    /// The contents.
    public var bytes: [UInt8]
    /// The hash of the contents in git.
    public var git: String
    /// The SHA-256 of the contents, for a file that is stored outside git.
    public var sha256: String?

    /// Creates a file.
    public init(_ path: String, _ bytes: [UInt8], git: String, sha256: String? = nil) {
        self.path = path
        self.bytes = bytes
        self.git = git
        self.sha256 = sha256
    }

    /// The file's name in the cache.
    public var etag: String { sha256 ?? git }

    /// The file's entry in the Hub's listing.
    public var entry: String {
        // For a large file, this is the hash of its pointer file, which clients do not use.
        let pointer = String(repeating: "0", count: 40)
        let large =
            sha256.map { #","lfs":{"oid":"\#($0)","size":\#(bytes.count),"pointerSize":131}"# }
            ?? ""
        let oid = sha256 == nil ? git : pointer
        return #"{"type":"file","oid":"\#(oid)","size":\#(bytes.count),"path":"\#(path)"\#(large)}"#
    }
}

/// A server that speaks the Hub's protocol and has one repository, `org/model`.
public final class LoopbackHub: Sendable {
    /// The commit of `main`.
    public static let commit = "89abcdef0123456789abcdef0123456789abcdef"
    /// The repository's id.
    public static let id = "org/model"

    /// The server.
    public let server: LoopbackServer

    /// Starts the server.
    ///
    /// - Parameters:
    ///   - files: the repository's files.
    ///   - override: returns an answer in place of the correct one, or nil for the correct one.
    /// - Throws: the errors of opening a port.
    public init(
        _ files: [HubFile],
        override: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer? = { _ in
            nil
        }
    ) throws {
        server = try LoopbackServer { request in
            override(request) ?? Self.answer(request, files)
        }
    }

    /// Returns the correct answer to a request.
    public static func answer(
        _ request: LoopbackServer.Request, _ files: [HubFile]
    ) -> LoopbackServer.Answer {
        switch request.target {
        case "/api/models/\(id)/revision/main":
            return .init(text: #"{"id":"\#(id)","sha":"\#(commit)","siblings":[]}"#)
        case "/api/models/\(id)/tree/\(commit)?recursive=true":
            return listing(files)
        default:
            let prefix = "/\(id)/resolve/\(commit)/"
            guard request.target.hasPrefix(prefix),
                let file = files.first(where: { $0.path == request.target.dropFirst(prefix.count) })
            else { return .init(404, headers: [("X-Error-Code", "EntryNotFound")]) }
            return content(file.bytes, request)
        }
    }

    /// Returns a listing of files.
    public static func listing(_ files: [HubFile]) -> LoopbackServer.Answer {
        .init(text: "[" + files.map(\.entry).joined(separator: ",") + "]")
    }

    /// Returns the contents of a file, or the part that the request asks for.
    public static func content(
        _ bytes: [UInt8], _ request: LoopbackServer.Request
    ) -> LoopbackServer.Answer {
        guard let range = request.headers["range"],
            let start = Int(range.dropFirst("bytes=".count).prefix { $0 != "-" })
        else { return .init(200, bytes) }
        guard start < bytes.count else {
            return .init(416, headers: [("Content-Range", "bytes */\(bytes.count)")])
        }
        let value = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
        return .init(206, Array(bytes[start...]), headers: [("Content-Range", value)])
    }
}
