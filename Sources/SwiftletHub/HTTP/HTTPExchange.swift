import SwiftletBytes

/// One answer as libcurl hands it over, piece by piece.
final class HTTPExchange {
    /// The answer's head, once it is whole.
    private(set) var head: HTTPHead?
    /// Why our side ended the request.
    private(set) var failure: HTTPFailure?
    /// Whether all is known that matters, though the body goes on.
    private(set) var isOver = false

    private let receiver: any HTTPReceiver
    private let shouldStop: @Sendable () -> Bool
    private var coming: HTTPHead?
    private var headerBytes = 0
    private var dropped = 0

    /// More headers than any server has to say.
    private static let headerLimit = 1 << 18
    /// How much of a refusal is read so that the connection can be used again.
    private static let dropLimit = 1 << 16

    init(_ receiver: any HTTPReceiver, _ shouldStop: @escaping @Sendable () -> Bool) {
        self.receiver = receiver
        self.shouldStop = shouldStop
    }

    /// The exchange that a request's context stands for.
    @unsafe
    static func at(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
        // The context is the exchange that `HTTPConnection.perform` put there, and it keeps it alive.
        unsafe context.map { unsafe Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    func tick() -> Bool { !shouldStop() }

    func header(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            return end(SwiftletError(.hubAnswer, "the answer's headers have no end"))
        }
        var line = unsafe String(decoding: bytes, as: UTF8.self)
        while line.last?.isNewline == true { line.removeLast() }
        if line.hasPrefix("HTTP/") {
            coming = HTTPHead(statusLine: line)
            return coming != nil
                || end(SwiftletError(.hubAnswer, "the answer's first line is no status"))
        }
        // Trailers come after the head, and say nothing that is needed.
        guard head == nil else { return true }
        guard line.isEmpty else {
            coming?.add(line: line)
            return true
        }
        // Interim answers (100 Continue) are followed by another one.
        guard let whole = coming, whole.status >= 200 else { return true }
        head = whole
        guard whole.isSuccess else { return true }
        return attempt { () throws(HTTPFailure) in try receiver.begin(whole) }
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if shouldStop() { return false }
        guard head?.isSuccess == true else {
            dropped += bytes.count
            isOver = dropped > Self.dropLimit
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
