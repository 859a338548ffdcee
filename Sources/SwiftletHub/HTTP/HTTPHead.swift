/// The status and the headers of an answer.
struct HTTPHead: Sendable {
    /// The status code.
    let status: Int
    /// The headers by lower-case name; if a name is repeated, the last value.
    private(set) var fields: [String: String] = [:]

    init(status: Int, fields: [String: String] = [:]) {
        self.status = status
        self.fields = fields
    }

    /// Reads a status line such as `HTTP/1.1 200 OK` or `HTTP/2 200`.
    init?(statusLine line: String) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].utf8.count == 3,
            let status = UInt16(parts[1])
        else { return nil }
        self.status = Int(status)
    }

    /// Adds the line of a header; a line without a colon is ignored.
    mutating func add(line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...]
            .drop { $0 == " " || $0 == "\t" }
        let end = value.lastIndex { !$0.isWhitespace }.map(value.index(after:)) ?? value.startIndex
        fields[line[..<colon].lowercased()] = String(value[..<end])
    }

    /// The value of a header, by its lower-case name.
    subscript(name: String) -> String? { fields[name] }

    /// Whether the status is that of a successful answer.
    var isSuccess: Bool { (200..<300).contains(status) }

    /// Where the answer redirects to; nil if it does not.
    var redirect: String? {
        [301, 302, 303, 307, 308].contains(status) ? fields["location"] : nil
    }

    /// The declared length of the body; nil without a valid one.
    var contentLength: Int? {
        fields["content-length"].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
    }

    /// The part of the content that the body is: `bytes 5-9/10` (RFC 9110, 14.4).
    var contentRange: (start: Int, total: Int?)? {
        guard let text = fields["content-range"], text.lowercased().hasPrefix("bytes ") else {
            return nil
        }
        let parts = text.dropFirst(6).split(separator: "/")
        guard parts.count == 2,
            let start = parts[0].split(separator: "-").first.flatMap({ Int($0) }),
            start >= 0
        else { return nil }
        return (start, Int(parts[1]))
    }

    /// How long the server asks the client to wait, if it says so in seconds, as the Hub does.
    ///
    /// Not negative.
    var retryAfter: Duration? {
        guard let seconds = fields["retry-after"].flatMap({ Int($0) }), seconds >= 0 else {
            return nil
        }
        return .seconds(min(seconds, 1 << 30))
    }
}
