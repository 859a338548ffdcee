/// An `http` or `https` address, parsed.
///
/// The text for the HTTP library is put together from the parts, so that two parsers cannot disagree
/// about the host of an address: ``origin`` decides who gets the token.
struct HTTPAddress: Equatable, Sendable {
    /// The server that a request goes to.
    ///
    /// A token is sent to one origin only.
    struct Origin: Equatable, Sendable {
        let isSecure: Bool
        let host: String
        let port: UInt16
    }

    let origin: Origin
    /// The path and query, percent-encoded; begins with a slash.
    let target: String

    /// The complete address.
    var text: String {
        let scheme = origin.isSecure ? "https" : "http"
        return "\(scheme)://\(origin.host):\(origin.port)\(target)"
    }

    private init(origin: Origin, target: String) {
        self.origin = origin
        self.target = target.isEmpty ? "/" : target
    }

    /// Parses an absolute address.
    ///
    /// Returns nil for other schemes, for addresses with a user name or password, and for
    /// characters that are not allowed.
    init?(_ text: String) {
        guard Self.isClean(text) else { return nil }
        let isSecure: Bool
        let rest: Substring
        let lowered = text.prefix(8).lowercased()
        if lowered.hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if lowered.hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            return nil
        }
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end], isSecure: isSecure) else {
            return nil
        }
        let target = Self.target(rest[end...])
        self.init(
            origin: Origin(isSecure: isSecure, host: host, port: port),
            target: target.hasPrefix("?") ? "/" + target : target)
    }

    /// The address that `reference` stands for in an answer from this address (RFC 3986, 5.2; `..` is
    /// left to the server).
    func resolving(_ reference: String) -> HTTPAddress? {
        if let absolute = HTTPAddress(reference) { return absolute }
        guard Self.isClean(reference), !Self.hasScheme(reference) else { return nil }
        if reference.hasPrefix("//") {
            return HTTPAddress((origin.isSecure ? "https:" : "http:") + reference)
        }
        let reference = Self.target(Substring(reference))
        let path = target.prefix { $0 != "?" }
        if reference.hasPrefix("/") { return HTTPAddress(origin: origin, target: reference) }
        if reference.hasPrefix("?") { return HTTPAddress(origin: origin, target: path + reference) }
        guard !reference.isEmpty else { return self }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return HTTPAddress(origin: origin, target: folder + reference)
    }

    /// This address with parts appended to its path, each percent-encoded as a whole.
    func appending(_ parts: [String], query: String = "") -> HTTPAddress {
        var path = String(target.prefix { $0 != "?" })
        while path.hasSuffix("/") { path.removeLast() }
        for part in parts { path += "/" + Self.encoded(part) }
        return HTTPAddress(origin: origin, target: path + query)
    }

    /// The text with all characters percent-encoded except unreserved ones.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            if isUnreserved(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%"
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Whether a text has no control character, no space and no backslash, which some parsers treat
    /// as a slash.
    private static func isClean(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
    }

    private static func hasScheme(_ text: String) -> Bool {
        guard let end = text.firstIndex(where: { ":/?#".contains($0) }) else { return false }
        return text[end] == ":"
    }

    /// Path and query without the fragment, with non-ASCII bytes percent-encoded.
    private static func target(_ text: Substring) -> String {
        text.prefix { $0 != "#" }.utf8.reduce(into: "") { result, byte in
            if byte < 0x80 {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    private static func authority(
        _ text: Substring, isSecure: Bool
    ) -> (host: String, port: UInt16)? {
        var (host, port) = (text, Substring(""))
        // The colons of an IPv6 address are inside brackets.
        let afterHost = text.hasPrefix("[") ? text.firstIndex(of: "]") : text.startIndex
        guard let afterHost else { return nil }
        if let colon = text[afterHost...].firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard isHost(host) else { return nil }
        let usual: UInt16 = isSecure ? 443 : 80
        guard port.isEmpty || port.allSatisfy(\.isNumber) else { return nil }
        guard let number = port.isEmpty ? usual : UInt16(port), number > 0 else { return nil }
        return (host.lowercased(), number)
    }

    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inside = text.dropFirst().dropLast()
            return !inside.isEmpty
                && inside.utf8.allSatisfy {
                    ($0 < 0x80 && Unicode.Scalar($0).properties.isASCIIHexDigit)
                        || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
                }
        }
        return !text.isEmpty && text.utf8.allSatisfy { isUnreserved($0) && $0 != UInt8(ascii: "~") }
    }
}
