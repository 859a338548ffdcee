import SwiftletBytes
import SwiftletDigests

/// The hash that names a file's content, computed as the bytes arrive.
final class ContentDigest {
    private let digest: SHADigest

    /// The hash of a file of which no byte has arrived.
    ///
    /// - Throws: `SwiftletError.Code.digestLibrary`.
    init(_ file: RepositoryFile) throws(SwiftletError) {
        switch file.content {
        case .gitBlob:
            digest = try SHADigest(.sha1)
            try digest.update(Array("blob \(file.size)\0".utf8))
        case .sha256: digest = try SHADigest(.sha256)
        }
    }

    /// Appends the next bytes of the file.
    ///
    /// - Throws: `SwiftletError.Code.digestLibrary`.
    func update(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        try unsafe digest.update(bytes)
    }

    /// The hash of the bytes so far, as lower-case hexadecimal digits.
    ///
    /// - Throws: `SwiftletError.Code.digestLibrary`.
    func digits() throws(SwiftletError) -> String {
        try digest.digits()
    }
}
