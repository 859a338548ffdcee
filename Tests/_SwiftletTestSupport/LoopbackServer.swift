import SwiftletLibc
import Synchronization

/// An HTTP server on 127.0.0.1 that behaves, or misbehaves, as a test wants.
///
/// Each connection gets one answer.
public final class LoopbackServer: Sendable {
    /// A client's request.
    public struct Request: Sendable {
        /// The method, such as `GET`.
        public let method: String
        /// The path and query, as sent.
        public let target: String
        /// The headers' values by their names in lower case.
        public let headers: [String: String]
    }

    /// The answer to a request.
    public struct Answer: Sendable {
        /// The status.
        public var status: Int
        /// Headers besides `Content-Length` and `Connection`.
        public var headers: [(String, String)]
        /// The body.
        public var body: [UInt8]
        /// The declared length: nil for the body's length, negative for none.
        public var declaredLength: Int?
        /// The number of bytes of the body that are sent before the connection is closed; nil for all.
        public var cut: Int?
        /// Whether the connection stays open without further data after the body.
        public var hangs = false
        /// Whether the body is repeated until the client closes the connection.
        public var isEndless = false

        /// Creates an answer.
        public init(
            _ status: Int = 200, _ body: [UInt8] = [], headers: [(String, String)] = [],
            declaredLength: Int? = nil, cut: Int? = nil
        ) {
            self.status = status
            self.body = body
            self.headers = headers
            self.declaredLength = declaredLength
            self.cut = cut
        }

        /// Creates an answer with a text.
        public init(_ status: Int = 200, text: String, headers: [(String, String)] = []) {
            self.init(status, Array(text.utf8), headers: headers)
        }
    }

    /// The port that the server listens on.
    public let port: UInt16
    private let listener: Int32
    private let handler: @Sendable (Request) -> Answer
    private let seen = Mutex<[Request]>([])
    private let isOver = Atomic(false)

    /// The error of a server that cannot listen.
    public struct Failure: Error {}

    /// Starts to listen on a free port.
    public init(_ handler: @escaping @Sendable (Request) -> Answer) throws {
        self.handler = handler
        #if canImport(Darwin)
            let kind = SOCK_STREAM
        #else
            let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        listener = socket(AF_INET, kind, 0)
        guard listener >= 0 else { throw Failure() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var length = size
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else {
            close(descriptor)
            throw Failure()
        }
        port = UInt16(bigEndian: address.sin_port)
        TestThread.start { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                guard let server = self, !server.isOver.load(ordering: .relaxed) else {
                    close(connection)
                    break
                }
                TestThread.start { server.serve(connection) }
            }
            close(descriptor)
        }
    }

    deinit {
        isOver.store(true, ordering: .relaxed)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// The server's address, without a trailing slash.
    public var address: String { "http://127.0.0.1:\(port)" }

    /// All requests so far.
    public var requests: [Request] { seen.withLock { $0 } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        guard let request = Self.read(connection) else { return }
        seen.withLock { $0.append(request) }
        let answer = handler(request)
        var head = "HTTP/1.1 \(answer.status) Whatever\r\nConnection: close\r\n"
        let length = answer.declaredLength ?? answer.body.count
        if length >= 0 { head += "Content-Length: \(length)\r\n" }
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        guard Self.sendAll(Array((head + "\r\n").utf8), to: connection) else { return }
        guard Self.sendAll(Array(answer.body.prefix(answer.cut ?? .max)), to: connection) else {
            return
        }
        while answer.isEndless, Self.sendAll(answer.body, to: connection) {}
        while answer.hangs, !isOver.load(ordering: .relaxed), Self.isOpen(connection) {
            usleep(20_000)
        }
    }

    /// Whether the client has not closed the connection.
    private static func isOpen(_ connection: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(connection, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
        return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
            guard recv(connection, &byte, 1, 0) == 1, bytes.count < 1 << 16 else { return nil }
            bytes.append(byte)
        }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: true)
        let first = lines[0].split(separator: " ")
        guard first.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return Request(method: String(first[0]), target: String(first[1]), headers: headers)
    }

    private static func sendAll(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            #if canImport(Darwin)
                let flags: Int32 = 0
            #else
                let flags = Int32(MSG_NOSIGNAL)
            #endif
            let sent = bytes.withUnsafeBytes { buffer in
                // In bounds: done < buffer.count, and the length is what is left.
                sendBytes(
                    connection, buffer.baseAddress.map { $0 + done }, buffer.count - done, flags)
            }
            guard sent > 0 else { return false }
            done += sent
        }
        return true
    }
}

/// The system call, which a method of the same name would hide.
private let sendBytes = send

/// Threads for tests.
enum TestThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread.
    static func start(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        #if canImport(Darwin)
            var thread: pthread_t?
            let failed =
                pthread_create(
                    &thread, nil,
                    { argument in
                        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                        return nil
                    }, body.toOpaque()) != 0
            if let thread { pthread_detach(thread) }
        #else
            var thread = pthread_t()
            let failed =
                pthread_create(
                    &thread, nil,
                    { argument in
                        if let argument {
                            Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                        }
                        return nil
                    }, body.toOpaque()) != 0
            if !failed { pthread_detach(thread) }
        #endif
        if failed { body.release() }
    }
}
