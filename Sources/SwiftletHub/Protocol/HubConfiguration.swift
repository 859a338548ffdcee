import SwiftletBytes
import SwiftletCheckpoint

/// Where the Hub and the local cache are, and how requests are made.
public struct HubConfiguration: Sendable {
    /// The address of the Hub, `http` or `https`.
    public var endpoint = "https://huggingface.co"
    /// The access token, which is sent to the endpoint's origin only.
    public var token: String?
    /// The folder of the cache.
    public var cache: String
    /// Whether no request may be made.
    public var isOffline = false
    /// The number of files to download at once.
    public var connections = 4
    /// The time limit for making a connection.
    public var connectTimeout = Duration.seconds(10)
    /// How long a transfer may stall before it counts as interrupted; whole seconds.
    public var stallTimeout = Duration.seconds(30)
    /// How failed requests are retried.
    public var retries = RetryPolicy()
    /// The proxy.
    ///
    /// nil: as `https_proxy` and related variables say; empty: none.
    public var proxy: String?
    /// A file of PEM certificates to trust instead of the system's.
    public var certificates: String?

    /// The Hugging Face Hub, without a token.
    public init(cache: String) { self.cache = cache }

    /// Reads the environment variables of huggingface_hub: `HF_ENDPOINT`, `HF_TOKEN` or the file
    /// named by `HF_TOKEN_PATH`, `HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE` and
    /// `HF_HUB_DOWNLOAD_TIMEOUT`; also `SSL_CERT_FILE`.
    ///
    /// - Parameter environment: returns the value of a variable, nil if it is not set.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for an invalid value, or if no
    ///   variable tells where the
    ///   cache is; ``/SwiftletBytes/SwiftletError/Code/readFailed`` if the token file cannot be read.
    public init(environment: (String) -> String?) throws(SwiftletError) {
        func value(_ name: String) -> String? {
            environment(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        func isTrue(_ name: String) -> Bool {
            ["1", "ON", "YES", "TRUE"].contains((value(name) ?? "").uppercased())
        }
        guard let cache = HubCache(environment: environment) else {
            throw SwiftletError(
                .usage, "cannot find the Hugging Face cache: neither HF_HOME nor HOME is set")
        }
        self.init(cache: cache.folder)
        if let endpoint = value("HF_ENDPOINT") { self.endpoint = endpoint }
        isOffline = isTrue(
            value("HF_HUB_OFFLINE") == nil ? "TRANSFORMERS_OFFLINE" : "HF_HUB_OFFLINE")
        certificates = value("SSL_CERT_FILE")
        if let text = value("HF_HUB_DOWNLOAD_TIMEOUT") {
            guard let seconds = Int(text), (1...86_400).contains(seconds) else {
                throw SwiftletError(
                    .usage, "HF_HUB_DOWNLOAD_TIMEOUT must be from 1 to 86400 seconds, not \(text)")
            }
            stallTimeout = .seconds(seconds)
        }
        if !isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN") { token = try Self.token(environment) }
    }

    /// The token in a variable, or else in the file; nil if neither has one.
    private static func token(_ environment: (String) -> String?) throws(SwiftletError) -> String? {
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            if let token = cleaned(environment(name) ?? "") { return token }
        }
        let path =
            HubCache.path("HF_TOKEN_PATH", environment)
            ?? HubCache.home(environment).map { FileSystem.join($0, "token") }
        guard let path, FileSystem.entry(path) != nil else { return nil }
        let bytes = try MappedFile(path: path).bytes
        // A longer one does not fit into a header.
        guard bytes.count <= 1 << 13 else {
            throw SwiftletError(.usage, file: path, "is too long to be a token")
        }
        return cleaned(String(decoding: bytes.copy(), as: UTF8.self))
    }

    /// A token without line ends and spaces; nil if nothing is left.
    private static func cleaned(_ text: String) -> String? {
        let token = text.filter { !$0.isWhitespace }
        return token.isEmpty ? nil : token
    }

    /// The endpoint as an address, after checking that the token fits into a header.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage``.
    func checkedEndpoint() throws(SwiftletError) -> HTTPAddress {
        guard let address = HTTPAddress(endpoint) else {
            throw SwiftletError(
                .usage, "the Hub's address \"\(endpoint)\" is not an http or https address",
                hint: "HF_ENDPOINT sets it")
        }
        if let token, !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw SwiftletError(.usage, "the Hub token has characters that no token can have")
        }
        return address
    }
}
