import CSwiftletCurl
import CSwiftletLoader
import SwiftletBytes

/// Takes an answer as it comes.
protocol HTTPReceiver: AnyObject {
    /// A good answer (2xx) begins.
    func begin(_ head: HTTPHead) throws(HTTPFailure)
    /// A piece of its body.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure)
}

/// How to reach servers.
struct HTTPSettings: Sendable {
    var userAgent = "swiftlet"
    /// The proxy; nil: what `https_proxy` and the like say; empty: none.
    var proxy: String?
    /// A file of PEM certificates to trust instead of the system's.
    var certificates: String?
    /// How long making a connection may take.
    var connectTimeout = Duration.seconds(10)
    /// A transfer that is as good as still for so long has failed; whole seconds.
    var stallTimeout = Duration.seconds(30)
}

/// One request at a time, on connections that are kept: the face of libcurl.
///
/// An object is used by one thread at a time.
@safe
final class HTTPConnection {
    private let handle: OpaquePointer
    private let settings: HTTPSettings

    /// Loads libcurl, if no other connection did.
    ///
    /// - Throws: ``SwiftletError/Code/hubLibrary``.
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

    /// Sends a GET request and hands a good answer to `receiver`; redirections are not followed.
    ///
    /// - Parameters:
    ///   - headers: whole lines, without line ends in them.
    ///   - shouldStop: asked often, every second at least.
    /// - Throws: what `receiver` throws, ``SwiftletError/Code/cancelled``, and the failures to
    ///   connect, of which all but a certificate may pass.
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
            throw HTTPFailure(SwiftletError(.cancelled, "stopped before the end"))
        default:
            throw Self.failure(result, address)
        }
        guard let head = exchange.head else {
            throw .transient(
                SwiftletError(.hubConnection, file: address.origin.host, "no answer came"))
        }
        return head
    }

    private func perform(
        _ address: HTTPAddress, _ headers: [String], _ exchange: HTTPExchange
    ) -> swiftlet_curl_result {
        // The strings live in these arrays until the request is over.
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

    /// Bytes a second; a transfer below it is as good as still.
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
                    hint: "SSL_CERT_FILE can name a file of certificates to trust"))
        case SWIFTLET_CURL_MISUSE:
            return HTTPFailure(SwiftletError(.hubLibrary, file: host, "libcurl refuses: \(words)"))
        default:
            return .transient(SwiftletError(.hubConnection, file: host, words))
        }
    }
}

extension Duration {
    /// Whole milliseconds, cut off.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(min(seconds, 1 << 40)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
