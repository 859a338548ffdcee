import SwiftletBytes
import SwiftletCheckpoint

/// Where the Hub and the local cache are, and how patiently the Hub is asked.
public struct HubConfiguration: Sendable {
    /// The Hub's address, `http` or `https`.
    public var endpoint = "https://huggingface.co"
    /// The token that says who asks; it goes to the endpoint's origin and nowhere else.
    public var token: String?
    /// The cache's folder.
    public var cache: String
    /// Whether the Hub must not be asked.
    public var isOffline = false
    /// How many files come at once.
    public var connections = 4
    /// How long making a connection may take.
    public var connectTimeout = Duration.seconds(10)
    /// How long a transfer may be as good as still, before it counts as cut; whole seconds.
    public var stallTimeout = Duration.seconds(30)
    /// How often and when failed requests are made again.
    public var retries = RetryPolicy()
    /// The proxy; nil: what `https_proxy` and the like say; empty: none.
    public var proxy: String?
    /// A file of PEM certificates to trust instead of the system's.
    public var certificates: String?

    /// The Hugging Face Hub, without a token.
    public init(cache: String) { self.cache = cache }

    /// What the variables say that huggingface_hub reads: `HF_ENDPOINT`, `HF_TOKEN` or the file of
    /// `HF_TOKEN_PATH`, `HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`; and
    /// `SSL_CERT_FILE`.
    ///
    /// - Parameter environment: a variable's value, nil if it is not set.
    /// - Throws: ``SwiftletError/Code/usage`` for a value that makes no sense, or without a place for
    ///   the cache; ``SwiftletError/Code/readFailed`` for a token file that cannot be read.
    public init(environment: (String) -> String?) throws(SwiftletError) {
        func value(_ name: String) -> String? {
            environment(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        func isTrue(_ name: String) -> Bool {
            ["1", "ON", "YES", "TRUE"].contains((value(name) ?? "").uppercased())
        }
        guard let cache = HubCache(environment: environment) else {
            throw SwiftletError(
                .usage, "no folder for the Hugging Face cache: neither HF_HOME nor HOME is set")
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

    /// The token of the variables, else that of the file; nil if neither has one.
    private static func token(_ environment: (String) -> String?) throws(SwiftletError) -> String? {
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            if let token = cleaned(environment(name) ?? "") { return token }
        }
        let path =
            HubCache.path("HF_TOKEN_PATH", environment)
            ?? HubCache.home(environment).map { FileSystem.join($0, "token") }
        guard let path, FileSystem.entry(path) != nil else { return nil }
        let bytes = try MappedFile(path: path).bytes
        // Longer ones do not fit into a header.
        guard bytes.count <= 1 << 13 else {
            throw SwiftletError(.usage, file: path, "is too long for a token")
        }
        return cleaned(String(decoding: bytes.copy(), as: UTF8.self))
    }

    /// A token without the line ends and spaces around it; nil if nothing is left.
    private static func cleaned(_ text: String) -> String? {
        let token = text.filter { !$0.isWhitespace }
        return token.isEmpty ? nil : token
    }

    /// The endpoint as an address, the token being fit for a header.
    func checkedEndpoint() throws(SwiftletError) -> HTTPAddress {
        guard let address = HTTPAddress(endpoint) else {
            throw SwiftletError(
                .usage, "the Hub's address \"\(endpoint)\" is no http or https address",
                hint: "HF_ENDPOINT says where the Hub is")
        }
        if let token, !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw SwiftletError(.usage, "the Hub's token has characters that no token has")
        }
        return address
    }
}
