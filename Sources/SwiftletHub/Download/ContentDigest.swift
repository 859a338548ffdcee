import CSwiftletCrypto
import CSwiftletLoader
import SwiftletBytes

/// The hash that names a file's content, computed as the bytes arrive.
final class ContentDigest {
    private let digest: SHADigest

    /// The hash of a file of which no byte has arrived.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
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
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    func update(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        try unsafe digest.update(bytes)
    }

    /// The hash of the bytes so far, as lower-case hexadecimal digits.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    func digits() throws(SwiftletError) -> String {
        try digest.value().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// SHA-1 and SHA-256 (FIPS 180-4) of bytes that arrive one piece after another, computed by
/// libcrypto.
///
/// An object is used by one thread at a time.
@safe
final class SHADigest {
    /// Which function.
    enum Function {
        /// 20 bytes. For git's names of contents, not for security.
        case sha1
        /// 32 bytes.
        case sha256
    }

    private let digest: OpaquePointer

    /// The hash of no bytes yet.
    ///
    /// Opens libcrypto if nothing else has.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary`` if libcrypto is missing or refuses
    ///   the function.
    init(_ function: Function) throws(SwiftletError) {
        try Self.loadLibrary()
        let kind = function == .sha1 ? SWIFTLET_SHA1 : SWIFTLET_SHA256
        guard let digest = unsafe swiftlet_digest_create(kind) else {
            throw SwiftletError(.hubLibrary, "libcrypto refuses to compute \(function)")
        }
        unsafe self.digest = digest
    }

    deinit { unsafe swiftlet_digest_destroy(digest) }

    /// Opens libcrypto, unless it is open.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    static func loadLibrary() throws(SwiftletError) {
        var failure = swiftlet_load_failure()
        guard unsafe swiftlet_crypto_load(&failure) else {
            let reason = unsafe String(cString: swiftlet_load_failure_text(&failure))
            throw SwiftletError(
                .hubLibrary, "cannot verify downloads: \(reason)",
                hint: "install OpenSSL's libcrypto (Debian and Ubuntu: apt install libssl3)")
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    func update(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard unsafe swiftlet_digest_update(digest, bytes.baseAddress, bytes.count) else {
            throw Self.failure
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    func update(_ bytes: [UInt8]) throws(SwiftletError) {
        let view = ByteView(bytes)
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in
            try unsafe update(bytes)
        }
    }

    /// The hash of the bytes so far; more may follow.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubLibrary``.
    func value() throws(SwiftletError) -> [UInt8] {
        let capacity = Int(SWIFTLET_LONGEST_DIGEST)
        let value = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            // In bounds: the longest value fits.
            count = unsafe swiftlet_digest_value(digest, target.baseAddress)
        }
        guard !value.isEmpty else { throw Self.failure }
        return value
    }

    private static var failure: SwiftletError {
        SwiftletError(.hubLibrary, "libcrypto failed to compute a hash")
    }
}
