import SwiftletBytes

/// Asks the Hub: redirections, tokens, refusals, pages. Used by one thread at a time.
final class HubClient {
    private let endpoint: HTTPAddress
    private let token: String?
    private let retries: RetryPolicy
    private let connection: HTTPConnection
    private let shouldStop: @Sendable () -> Bool

    /// As many as browsers follow.
    private static let redirectionLimit = 20
    /// More pages than a listing of a million files has.
    private static let pageLimit = 2000
    /// What an answer of the Hub's interface may have, a page of a listing at most.
    private static let answerLimit = 1 << 26

    /// A client with connections of its own.
    ///
    /// - Throws: ``SwiftletError/Code/usage`` and ``SwiftletError/Code/hubLibrary``.
    init(
        _ configuration: HubConfiguration, shouldStop: @escaping @Sendable () -> Bool
    ) throws(SwiftletError) {
        endpoint = try configuration.checkedEndpoint()
        token = configuration.token
        retries = configuration.retries
        self.shouldStop = shouldStop
        var settings = HTTPSettings()
        settings.proxy = configuration.proxy
        settings.certificates = configuration.certificates
        settings.connectTimeout = configuration.connectTimeout
        settings.stallTimeout = configuration.stallTimeout
        connection = try HTTPConnection(settings)
    }

    /// The commit that a revision means.
    ///
    /// - Throws: ``SwiftletError/Code/hubAnswer``, ``SwiftletError/Code/hubNotFound``,
    ///   ``SwiftletError/Code/hubAccess`` and the failures to connect.
    func commit(_ id: String, revision: String) throws(SwiftletError) -> String {
        let address = interface(id, ["revision", revision])
        let (_, body) = try answer(address, id)
        do throws(SwiftletError) {
            let fields = try JSONFields(JSONValue.parse(ByteView(body)), code: .hubAnswer)
            return try fields.required("sha") { (key) throws(SwiftletError) in
                try fields.read(key, as: "a commit") { value in
                    value.string.flatMap { ContentIdentity.areDigits($0, count: 40) ? $0 : nil }
                }
            }
        } catch {
            throw error.at("revision \"\(revision)\"").inFile(id)
        }
    }

    /// The files of a commit.
    ///
    /// - Throws: as ``commit(_:revision:)``, and ``SwiftletError/Code/hubPath``.
    func listing(_ id: String, commit: String) throws(SwiftletError) -> RepositoryListing {
        var files: [RepositoryFile] = []
        var next: HTTPAddress? = interface(id, ["tree", commit], query: "?recursive=true")
        var pages = 0
        do throws(SwiftletError) {
            while let address = next {
                pages += 1
                guard pages <= Self.pageLimit else {
                    throw SwiftletError(.hubAnswer, "the listing of files has no end")
                }
                let (head, body) = try answer(address, id)
                try RepositoryListing.add(page: body, to: &files)
                next = try LinkHeader.next(head["link"], from: address)
                guard next != address else {
                    throw SwiftletError(.hubAnswer, "a page of the listing comes after itself")
                }
            }
            return try RepositoryListing(files)
        } catch {
            throw error.inFile(id)
        }
    }

    /// The address of a file's content.
    func address(of file: RepositoryFile, _ id: String, commit: String) -> HTTPAddress {
        endpoint.appending(Self.parts(id) + ["resolve", commit] + Self.parts(file.path))
    }

    /// Sends a request, follows redirections, and hands a good answer to `receiver`.
    ///
    /// - Parameters:
    ///   - headers: beside the usual ones.
    ///   - what: named in errors.
    /// - Throws: what `receiver` throws, and why there is no good answer.
    @discardableResult
    func get(
        _ address: HTTPAddress, headers: [String] = [], _ what: String, receiver: any HTTPReceiver
    ) throws(HTTPFailure) -> HTTPHead {
        var address = address
        for _ in 0...Self.redirectionLimit {
            // Content as it is: hashes and sizes are of the plain bytes.
            var lines = ["Accept-Encoding: identity"] + headers
            if let token, address.origin == endpoint.origin {
                lines.append("Authorization: Bearer \(token)")
            }
            let head = try connection.get(
                address, headers: lines, receiver: receiver, shouldStop: shouldStop)
            guard let place = head.redirection else {
                if head.isSuccess { return head }
                throw HubRefusal.failure(head, what, hasToken: token != nil)
            }
            guard let next = address.resolving(place),
                next.origin.isSecure || !address.origin.isSecure
            else {
                throw HTTPFailure(
                    SwiftletError(
                        .hubRedirect, file: what,
                        "the server redirects to \"\(place)\", which is no safe address"))
            }
            address = next
        }
        throw HTTPFailure(
            SwiftletError(
                .hubRedirect, file: what,
                "the server redirects more than \(Self.redirectionLimit) times"))
    }

    /// A whole answer of the Hub's interface, after as many attempts as it takes.
    private func answer(
        _ address: HTTPAddress, _ id: String
    ) throws(SwiftletError) -> (HTTPHead, [UInt8]) {
        try retries.run(shouldStop: shouldStop) { () throws(HTTPFailure) in
            let buffer = AnswerBuffer(limit: Self.answerLimit, id)
            let head = try get(address, id, receiver: buffer)
            return (head, buffer.bytes)
        }
    }

    private func interface(_ id: String, _ parts: [String], query: String = "") -> HTTPAddress {
        endpoint.appending(["api", "models"] + Self.parts(id) + parts, query: query)
    }

    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }
}

/// Gathers an answer of bounded length.
private final class AnswerBuffer: HTTPReceiver {
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    private let id: String

    init(limit: Int, _ id: String) {
        self.limit = limit
        self.id = id
    }

    func begin(_ head: HTTPHead) {}

    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        guard self.bytes.count + bytes.count <= limit else {
            throw HTTPFailure(
                SwiftletError(
                    .hubAnswer, file: id, "the Hub's answer is longer than \(limit) bytes"))
        }
        unsafe self.bytes.append(contentsOf: bytes)
    }
}
