import SwiftletBytes

/// One answer, as libcurl delivers it piece by piece.
final class HTTPExchange {
    /// The head of the answer, once it is complete.
    private(set) var head: HTTPHead?
    /// The reason for which this side ended the request.
    private(set) var failure: HTTPFailure?
    /// Whether the rest of the body is not needed.
    private(set) var isOver = false

    private let receiver: any HTTPReceiver
    private let shouldStop: @Sendable () -> Bool
    private var incomplete: HTTPHead?
    private var headerBytes = 0
    private var skipped = 0

    /// More bytes of headers than any server sends.
    private static let headerLimit = 1 << 18
    /// The most bytes of a refusal to read so that the connection can be used again.
    private static let skipLimit = 1 << 16

    init(_ receiver: any HTTPReceiver, _ shouldStop: @escaping @Sendable () -> Bool) {
        self.receiver = receiver
        self.shouldStop = shouldStop
    }

    /// The exchange in the context of a request.
    @unsafe
    static func at(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
        // `HTTPConnection.perform` put the exchange there and keeps it alive.
        unsafe context.map { unsafe Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    func tick() -> Bool { !shouldStop() }

    func header(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            return end(SwiftletError(.hubAnswer, "the headers of the answer are too long"))
        }
        var line = unsafe String(decoding: bytes, as: UTF8.self)
        while line.last?.isNewline == true { line.removeLast() }
        if line.hasPrefix("HTTP/") {
            incomplete = HTTPHead(statusLine: line)
            return incomplete != nil
                || end(SwiftletError(.hubAnswer, "the first line of the answer is not a status"))
        }
        // Trailers come after the head, and are not needed.
        guard head == nil else { return true }
        guard line.isEmpty else {
            incomplete?.add(line: line)
            return true
        }
        // Interim answers (100 Continue) are followed by another one.
        guard let whole = incomplete, whole.status >= 200 else { return true }
        head = whole
        guard whole.isSuccess else { return true }
        return attempt { () throws(HTTPFailure) in try receiver.begin(whole) }
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if shouldStop() { return false }
        guard head?.isSuccess == true else {
            skipped += bytes.count
            isOver = skipped > Self.skipLimit
            return !isOver
        }
        return attempt { () throws(HTTPFailure) in try unsafe receiver.receive(bytes) }
    }

    private func attempt(_ work: () throws(HTTPFailure) -> Void) -> Bool {
        do throws(HTTPFailure) {
            try work()
            return true
        } catch {
            failure = error
            return false
        }
    }

    private func end(_ error: SwiftletError) -> Bool {
        failure = HTTPFailure(error)
        return false
    }
}
