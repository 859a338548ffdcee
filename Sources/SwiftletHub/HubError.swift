import SwiftletBytes

extension SwiftletError.Code {
    /// The Hub cannot be reached, or the connection keeps breaking.
    public static let hubConnection = Self("hub.connection", .inputOutput)
    /// The server's certificate is not trusted.
    public static let hubCertificate = Self("hub.certificate", .inputOutput)
    /// The server refuses the request, or is busy for too long.
    public static let hubRefused = Self("hub.refused", .inputOutput)
    /// The repository is private, gated or hidden from the owner of the token (401, 403).
    public static let hubAccess = Self("hub.access", .noInput)
    /// There is no such repository, revision or file (404).
    public static let hubNotFound = Self("hub.notFound", .noInput)
    /// Requests are disabled, and the cache does not have the model.
    public static let hubOffline = Self("hub.offline", .noInput)
    /// A redirect is invalid, leads in a circle, or leads from https to http.
    public static let hubRedirect = Self("hub.redirect", .badData)
    /// An answer does not follow the protocol.
    public static let hubAnswer = Self("hub.answer", .badData)
    /// The repository lists a path outside its folder, a duplicate path, or a file inside a file.
    public static let hubPath = Self("hub.path", .badData)
    /// A file does not have the listed size.
    public static let hubSize = Self("hub.size", .badData)
    /// The content of a file does not have the listed hash.
    public static let hubContent = Self("hub.content", .badData)
    /// libcurl is not installed or does not work.
    public static let hubLibrary = Self("hub.library", .unsupported)
}
