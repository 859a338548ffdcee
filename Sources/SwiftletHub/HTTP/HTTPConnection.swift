import CSwiftletCurl
import CSwiftletLoader
import SwiftletBytes

/// Receives an answer as it arrives.
protocol HTTPReceiver: AnyObject {
    /// Called when a successful answer (2xx) begins.
    func begin(_ head: HTTPHead) throws(HTTPFailure)
    /// Called with each piece of its body.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure)
}

/// How to connect to servers.
struct HTTPSettings: Sendable {
    var userAgent = "swiftlet"
    /// The proxy.
    ///
    /// nil: as `https_proxy` and related variables say; empty: none.
    var proxy: String?
    /// A file of PEM certificates to trust instead of the system's.
    var certificates: String?
    /// The time limit for making a connection.
    var connectTimeout = Duration.seconds(10)
    /// How long a transfer may stall before it has failed; whole seconds.
    var stallTimeout = Duration.seconds(30)
}

/// Sends requests through libcurl, one at a time, and keeps connections open between them.
///
/// An object is used by one thread at a time.
@safe
final class HTTPConnection {
    private let handle: OpaquePointer
    private let settings: HTTPSettings

    /// Opens libcurl, unless it is open.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    init(_ settings: HTTPSettings) throws(SwiftletError) {
        self.settings = settings
        var failure = swiftlet_load_failure()
        guard unsafe swiftlet_curl_load(&failure) else {
            let reason = unsafe String(cString: swiftlet_load_failure_text(&failure))
            throw SwiftletError(
                .hubLibrary, "cannot reach the Hub: \(reason)",
                hint: "install libcurl (Debian and Ubuntu: apt install libcurl4)")
        }
        guard let handle = unsafe swiftlet_curl_create() else {
            throw SwiftletError(.hubConnection, "out of memory")
        }
        unsafe self.handle = handle
    }

    deinit { unsafe swiftlet_curl_destroy(handle) }

    /// Sends a GET request and passes a successful answer to `receiver`.
    ///
    /// Redirects are not followed.
    ///
    /// - Parameters:
    ///   - address: where to send it.
    ///   - headers: complete lines, without line ends.
    ///   - receiver: gets the answer.
    ///   - shouldStop: called at least once per second.
    /// - Returns: the head of the answer.
    /// - Throws: what `receiver` throws, ``/SwiftletBytes/SwiftletError/Code/cancelled``, and
    ///   connection errors,
    ///   all of which are transient except an untrusted certificate.
    func get(
        _ address: HTTPAddress, headers: [String], receiver: any HTTPReceiver,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws(HTTPFailure) -> HTTPHead {
        let exchange = HTTPExchange(receiver, shouldStop)
        let result = withExtendedLifetime(exchange) {
            perform(address, headers, exchange)
        }
        if let failure = exchange.failure { throw failure }
        switch Int(result.outcome) {
        case SWIFTLET_CURL_DONE: break
        case SWIFTLET_CURL_STOPPED where exchange.isOver: break
        case SWIFTLET_CURL_STOPPED:
            throw HTTPFailure(.stopped)
        default:
            throw Self.failure(result, address)
        }
        guard let head = exchange.head else {
            throw .transient(
                SwiftletError(
                    .hubConnection, file: address.origin.host, "the server did not answer"))
        }
        return head
    }

    private func perform(
        _ address: HTTPAddress, _ headers: [String], _ exchange: HTTPExchange
    ) -> swiftlet_curl_result {
        // These arrays keep the strings alive until the request is over.
        let texts = [address.text, settings.userAgent] + headers
        let optional = [settings.proxy, settings.certificates]
        let all = (texts + optional.map { $0 ?? "" }).map { Array($0.utf8CString) }
        let count = all.reduce(0) { $0 + $1.count }
        let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: count)
        defer { unsafe bytes.deallocate() }
        var starts: [UnsafePointer<CChar>?] = unsafe []
        var end = 0
        for text in all {
            // In bounds: `count` is the sum of all lengths, and each text is copied once.
            guard let base = bytes.baseAddress else { break }
            unsafe starts.append(UnsafePointer(base + end))
            for character in text {
                unsafe bytes[end] = character
                end += 1
            }
        }
        var request = unsafe swiftlet_curl_request()
        unsafe request.url = starts[0]
        unsafe request.user_agent = starts[1]
        unsafe request.proxy = settings.proxy == nil ? nil : starts[texts.count]
        unsafe request.certificates = settings.certificates == nil ? nil : starts[texts.count + 1]
        unsafe request.header_count = headers.count
        unsafe request.connect_milliseconds = max(settings.connectTimeout.milliseconds, 1)
        unsafe request.stall_seconds = max((settings.stallTimeout.milliseconds + 999) / 1000, 1)
        unsafe request.stall_rate = Self.stallRate
        unsafe request.context = Unmanaged.passUnretained(exchange).toOpaque()
        unsafe request.on_header = { context, bytes, count in
            unsafe HTTPExchange.at(context)?.header(.init(start: bytes, count: count)) ?? false
        }
        unsafe request.on_body = { context, bytes, count in
            unsafe HTTPExchange.at(context)?.body(.init(start: bytes, count: count)) ?? false
        }
        unsafe request.on_tick = { context in unsafe HTTPExchange.at(context)?.tick() ?? false }
        return unsafe starts[2...].withUnsafeBufferPointer { lines in
            unsafe request.headers = lines.baseAddress
            return unsafe swiftlet_curl_get(handle, &request)
        }
    }

    /// Bytes per second; a slower transfer counts as stalled.
    private static let stallRate = 16

    private static func failure(
        _ result: swiftlet_curl_result, _ address: HTTPAddress
    ) -> HTTPFailure {
        var result = result
        let words = unsafe withUnsafeBytes(of: &result.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let host = address.origin.host
        switch Int(result.outcome) {
        case SWIFTLET_CURL_CERTIFICATE:
            return HTTPFailure(
                SwiftletError(
                    .hubCertificate, file: host, "the certificate is not trusted: \(words)",
                    hint: "SSL_CERT_FILE names a file of trusted certificates"))
        case SWIFTLET_CURL_MISUSE:
            return HTTPFailure(
                SwiftletError(.hubLibrary, file: host, "libcurl refused the request: \(words)"))
        default:
            return .transient(SwiftletError(.hubConnection, file: host, words))
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(min(seconds, 1 << 40)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
