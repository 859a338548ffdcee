import CSwiftletCrypto
import CSwiftletLoader
import SwiftletBytes

/// SHA-1 and SHA-256 (FIPS 180-4) of bytes that arrive one piece after another, computed by
/// libcrypto.
///
/// An object is used by one thread at a time.
@safe
package final class SHADigest {
    /// Which function.
    package enum Function {
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
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary`` if libcrypto is missing or refuses
    ///   the function.
    package init(_ function: Function) throws(SwiftletError) {
        try Self.loadLibrary()
        let kind = function == .sha1 ? SWIFTLET_SHA1 : SWIFTLET_SHA256
        guard let digest = unsafe swiftlet_digest_create(kind) else {
            throw SwiftletError(.digestLibrary, "libcrypto refuses to compute \(function)")
        }
        unsafe self.digest = digest
    }

    deinit { unsafe swiftlet_digest_destroy(digest) }

    /// Opens libcrypto, unless it is open.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary``.
    package static func loadLibrary() throws(SwiftletError) {
        var failure = swiftlet_load_failure()
        guard unsafe swiftlet_crypto_load(&failure) else {
            let reason = unsafe String(cString: swiftlet_load_failure_text(&failure))
            throw SwiftletError(
                .digestLibrary, "cannot compute hashes: \(reason)",
                hint: "install OpenSSL's libcrypto (Debian and Ubuntu: apt install libssl3)")
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary``.
    package func update(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard unsafe swiftlet_digest_update(digest, bytes.baseAddress, bytes.count) else {
            throw Self.failure
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary``.
    package func update(_ bytes: [UInt8]) throws(SwiftletError) {
        let view = ByteView(bytes)
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in
            try unsafe update(bytes)
        }
    }

    /// The hash of the bytes so far; more may follow.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary``.
    package func value() throws(SwiftletError) -> [UInt8] {
        let capacity = Int(SWIFTLET_LONGEST_DIGEST)
        let value = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            // In bounds: the longest value fits.
            count = unsafe swiftlet_digest_value(digest, target.baseAddress)
        }
        guard !value.isEmpty else { throw Self.failure }
        return value
    }

    /// The hash of the bytes so far as lower-case hexadecimal digits; more may follow.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary``.
    package func digits() throws(SwiftletError) -> String {
        try value().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static var failure: SwiftletError {
        SwiftletError(.digestLibrary, "libcrypto failed to compute a hash")
    }
}

extension SwiftletError.Code {
    /// libcrypto is not installed or does not work.
    public static let digestLibrary = Self("digest.library", .unsupported)
}
