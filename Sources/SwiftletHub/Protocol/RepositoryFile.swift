import SwiftletBytes
import SwiftletCheckpoint

/// A file in the listing of a repository.
public struct RepositoryFile: Sendable, Hashable {
    /// The path inside the repository, with slashes between its parts.
    public let path: String
    /// The size in bytes.
    public let size: Int
    /// The identity of its content.
    public let content: ContentIdentity

    /// Reads an entry of a listing.
    ///
    /// Returns nil for a folder.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubAnswer`` or
    ///   ``SwiftletBytes/SwiftletError/Code/hubPath``.
    init?(_ entry: JSONValue) throws(SwiftletError) {
        let fields = try JSONFields(entry, code: .hubAnswer)
        let type = try fields.required("type", fields.string)
        let path = try fields.required("path", fields.string)
        guard InnerPath.isValid(path), Self.fits(path) else {
            throw SwiftletError(
                .hubPath, "the repository lists \"\(path)\", which is not a path inside a folder")
        }
        guard type == "file" else { return nil }
        let large = entry["lfs"].flatMap { $0.object == nil ? nil : $0 }
        let digits = large?["oid"]?.string ?? entry["oid"]?.string ?? ""
        let size = large?["size"]?.int ?? entry["size"]?.int ?? -1
        let content: ContentIdentity? =
            large == nil ? ContentIdentity(gitBlob: digits) : ContentIdentity(sha256: digits)
        guard let content, (0...Self.largest).contains(size) else {
            throw SwiftletError(
                .hubAnswer, "the listing has no valid size and hash", at: "file \"\(path)\"")
        }
        self.path = path
        self.size = size
        self.content = content
    }

    /// 1 PiB, so that the sum of the sizes in a listing cannot overflow.
    private static let largest = 1 << 50

    /// Whether file systems accept each part of the path as a name.
    private static func fits(_ path: String) -> Bool {
        path.utf8.count < 4096
            && path.utf8.split(separator: UInt8(ascii: "/")).allSatisfy { $0.count <= 255 }
    }
}

/// The identity of a file's content: git's name for it, or the SHA-256 of a file stored outside git.
public enum ContentIdentity: Sendable, Hashable {
    /// The SHA-1 of `blob SIZE`, a NUL and the bytes; 40 digits.
    case gitBlob(String)
    /// The SHA-256 of the bytes; 64 digits.
    case sha256(String)

    init?(gitBlob digits: String) {
        guard Self.isHexadecimal(digits, count: 40) else { return nil }
        self = .gitBlob(digits)
    }

    init?(sha256 digits: String) {
        guard Self.isHexadecimal(digits, count: 64) else { return nil }
        self = .sha256(digits)
    }

    /// The lower-case hexadecimal digits, which are its name in the cache.
    public var digits: String {
        switch self {
        case .gitBlob(let digits), .sha256(let digits): digits
        }
    }

    /// Whether a text consists of `count` lower-case hexadecimal digits.
    static func isHexadecimal(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
