import SwiftletBytes

/// The `Link` header, by which a page names the next one (RFC 8288).
enum LinkHeader {
    /// The next page's address; nil on the last page.
    ///
    /// - Throws: ``SwiftletError/Code/hubAnswer`` for a next page that has no address.
    static func next(
        _ header: String?, from page: HTTPAddress
    ) throws(SwiftletError) -> HTTPAddress? {
        // Links are `<address>; rel="next"`, with commas between them; addresses may have commas.
        var rest = Substring(header ?? "")
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let text = rest[rest.index(after: open)..<close]
            let parameters = rest[close...].prefix { $0 != "<" }
            rest = rest[parameters.endIndex...]
            let isNext = parameters.dropFirst().split { ";,".contains($0) }.contains { parameter in
                let plain = parameter.lowercased().filter { !" \t\"".contains($0) }
                return plain == "rel=next"
            }
            guard isNext else { continue }
            guard let address = page.resolving(String(text)),
                address.origin.isSecure || !page.origin.isSecure
            else {
                throw SwiftletError(
                    .hubAnswer, "the listing's next page \"\(text)\" is no safe address")
            }
            return address
        }
        return nil
    }
}
