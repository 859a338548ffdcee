import SwiftletBytes
import Testing

extension JSONValue {
    /// The keys, if this is an object.
    var keys: [String] { object?.pairs.map(\.key) ?? [] }

    /// Expects keys to be present, perhaps among others.
    func has(_ keys: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for key in keys {
            #expect(self[key] != nil, "\(key): \(text())", sourceLocation: sourceLocation)
        }
    }
}
