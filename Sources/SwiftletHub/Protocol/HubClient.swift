import SwiftletBytes

/// Makes requests to the Hub: handles redirects, tokens, refusals and pages of listings.
///
/// An object is used by one thread at a time.
final class HubClient {
    private let endpoint: HTTPAddress
    private let token: String?
    private let retries: RetryPolicy
    private let connection: HTTPConnection
    private let shouldStop: @Sendable () -> Bool

    /// As many as browsers follow.
    private static let redirectLimit = 20
    /// More pages than a listing of a million files has.
    private static let pageLimit = 2000
    /// The most bytes of an answer of the Hub's API, such as one page of a listing.
    private static let answerLimit = 1 << 26

    /// Creates a client with its own connections.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` and
    ///   ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
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

    /// The commit that a revision names.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubAnswer``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubNotFound``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubAccess`` and the failures to connect.
    func commit(_ id: String, revision: String) throws(SwiftletError) -> String {
        let address = api(id, ["revision", revision])
        let (_, body) = try answer(address, id)
        do throws(SwiftletError) {
            let fields = try JSONFields(JSONValue.parse(ByteView(body)), code: .hubAnswer)
            return try fields.required("sha") { (key) throws(SwiftletError) in
                try fields.read(key, as: "a commit") { value in
                    value.string.flatMap { ContentIdentity.isHexadecimal($0, count: 40) ? $0 : nil }
                }
            }
        } catch {
            throw error.at("revision \"\(revision)\"").inFile(id)
        }
    }

    /// The files of a commit.
    ///
    /// - Throws: as ``commit(_:revision:)``, and ``SwiftletBytes/SwiftletError/Code/hubPath``.
    func listing(_ id: String, commit: String) throws(SwiftletError) -> RepositoryListing {
        var files: [RepositoryFile] = []
        var next: HTTPAddress? = api(id, ["tree", commit], query: "?recursive=true")
        var pages = 0
        do throws(SwiftletError) {
            while let address = next {
                pages += 1
                guard pages <= Self.pageLimit else {
                    throw SwiftletError(.hubAnswer, "the listing of files does not end")
                }
                let (head, body) = try answer(address, id)
                try RepositoryListing.add(page: body, to: &files)
                next = try LinkHeader.next(head["link"], from: address)
                guard next != address else {
                    throw SwiftletError(
                        .hubAnswer, "a page of the listing links to itself as the next one")
                }
            }
            return try RepositoryListing(files)
        } catch {
            throw error.inFile(id)
        }
    }

    /// The address of the content of a file.
    func address(of file: RepositoryFile, _ id: String, commit: String) -> HTTPAddress {
        endpoint.appending(Self.parts(id) + ["resolve", commit] + Self.parts(file.path))
    }

    /// Sends a request, follows redirects, and passes a successful answer to `receiver`.
    ///
    /// - Parameters:
    ///   - address: where to send it.
    ///   - headers: added to the usual ones.
    ///   - what: the name in errors.
    ///   - receiver: gets the answer.
    /// - Returns: the head of the successful answer.
    /// - Throws: what `receiver` throws, or the reason why there is no successful answer.
    @discardableResult
    func get(
        _ address: HTTPAddress, headers: [String] = [], _ what: String, receiver: any HTTPReceiver
    ) throws(HTTPFailure) -> HTTPHead {
        var address = address
        for _ in 0...Self.redirectLimit {
            // No compression: hashes and sizes are those of the plain bytes.
            var lines = ["Accept-Encoding: identity"] + headers
            if let token, address.origin == endpoint.origin {
                lines.append("Authorization: Bearer \(token)")
            }
            let head = try connection.get(
                address, headers: lines, receiver: receiver, shouldStop: shouldStop)
            guard let place = head.redirect else {
                if head.isSuccess { return head }
                throw HubRefusal.failure(head, what, hasToken: token != nil)
            }
            guard let next = address.resolving(place),
                next.origin.isSecure || !address.origin.isSecure
            else {
                throw HTTPFailure(
                    SwiftletError(
                        .hubRedirect, file: what,
                        "the server redirects to \"\(place)\", which is not a safe address"))
            }
            address = next
        }
        throw HTTPFailure(
            SwiftletError(
                .hubRedirect, file: what,
                "the server redirects more than \(Self.redirectLimit) times"))
    }

    /// A complete answer of the Hub's API, with retries.
    private func answer(
        _ address: HTTPAddress, _ id: String
    ) throws(SwiftletError) -> (HTTPHead, [UInt8]) {
        try retries.run(shouldStop: shouldStop) { () throws(HTTPFailure) in
            let buffer = AnswerBuffer(limit: Self.answerLimit, id)
            let head = try get(address, id, receiver: buffer)
            return (head, buffer.bytes)
        }
    }

    private func api(_ id: String, _ parts: [String], query: String = "") -> HTTPAddress {
        endpoint.appending(["api", "models"] + Self.parts(id) + parts, query: query)
    }

    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }
}

/// Collects an answer of bounded length.
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
