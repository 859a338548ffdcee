import SwiftletBytes

/// The `Link` header (RFC 8288), in which a page of a listing names the next one.
enum LinkHeader {
    /// The address of the next page; nil on the last one.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubAnswer`` if that address is invalid or unsafe.
    static func next(
        _ header: String?, from page: HTTPAddress
    ) throws(SwiftletError) -> HTTPAddress? {
        // Links are `<address>; rel="next"`, separated by commas; addresses may contain commas.
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
                    .hubAnswer, "the next page of the listing, \"\(text)\", is not a safe address")
            }
            return address
        }
        return nil
    }
}
