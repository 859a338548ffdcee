import SwiftletBytes

extension SwiftletError.Code {
    /// The Hub cannot be reached, or the connection breaks again and again.
    public static let hubConnection = Self("hub.connection", .inputOutput)
    /// The server's certificate is not trusted.
    public static let hubCertificate = Self("hub.certificate", .inputOutput)
    /// The server answers with a status that says no, or that it is busy for too long.
    public static let hubRefused = Self("hub.refused", .inputOutput)
    /// A repository that is private, gated or not there for whom the token names (401, 403).
    public static let hubAccess = Self("hub.access", .noInput)
    /// No such repository, revision or file (404).
    public static let hubNotFound = Self("hub.notFound", .noInput)
    /// The variables forbid to ask the Hub, and the cache does not have what is asked for.
    public static let hubOffline = Self("hub.offline", .noInput)
    /// A redirection that is no address, leads round in circles, or away from TLS.
    public static let hubRedirect = Self("hub.redirect", .badData)
    /// An answer that is not what the protocol says.
    public static let hubAnswer = Self("hub.answer", .badData)
    /// A repository that lists a path outside its folder, one path twice, or a file inside a file.
    public static let hubPath = Self("hub.path", .badData)
    /// A file of another size than the one listed.
    public static let hubSize = Self("hub.size", .badData)
    /// A file whose content is not the one listed.
    public static let hubContent = Self("hub.content", .badData)
    /// libcurl, which speaks to the Hub, is not installed.
    public static let hubLibrary = Self("hub.library", .unsupported)
}
