/// The status and the headers of an answer.
struct HTTPHead: Sendable {
    /// The status of the answer.
    let status: Int
    /// Values by names in lower case; of a name that stands twice, the last.
    private(set) var fields: [String: String] = [:]

    init(status: Int, fields: [String: String] = [:]) {
        self.status = status
        self.fields = fields
    }

    /// Reads a status line: `HTTP/1.1 200 OK`, `HTTP/2 200`.
    init?(statusLine line: String) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].utf8.count == 3,
            let status = UInt16(parts[1])
        else { return nil }
        self.status = Int(status)
    }

    /// Adds a header's line; one without a colon says nothing.
    mutating func add(line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...]
            .drop { $0 == " " || $0 == "\t" }
        let end = value.lastIndex { !$0.isWhitespace }.map(value.index(after:)) ?? value.startIndex
        fields[line[..<colon].lowercased()] = String(value[..<end])
    }

    /// The value of a header, by its name in lower case.
    subscript(name: String) -> String? { fields[name] }

    /// Whether the answer is what was asked for.
    var isSuccess: Bool { (200..<300).contains(status) }

    /// Where an answer redirects to, if it does.
    var redirection: String? {
        [301, 302, 303, 307, 308].contains(status) ? fields["location"] : nil
    }

    /// The length of the body that the answer declares; nil without a usable one.
    var contentLength: Int? {
        fields["content-length"].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
    }

    /// What part of a whole a body is: `bytes 5-9/10` (RFC 9110, 14.4).
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

    /// How long the server asks to wait, if it says so in seconds, as the Hub does; not negative.
    var retryAfter: Duration? {
        guard let seconds = fields["retry-after"].flatMap({ Int($0) }), seconds >= 0 else {
            return nil
        }
        return .seconds(min(seconds, 1 << 30))
    }
}
