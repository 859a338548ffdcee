import Crypto

/// The hash of a file's content, while it comes.
struct ContentDigest {
    private enum State {
        case gitBlob(Insecure.SHA1)
        case sha256(SHA256)
    }
    private var state: State

    /// The start of a file's hash.
    init(_ file: RepositoryFile) {
        switch file.content {
        case .gitBlob:
            var hash = Insecure.SHA1()
            hash.update(data: Array("blob \(file.size)\0".utf8))
            state = .gitBlob(hash)
        case .sha256: state = .sha256(SHA256())
        }
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .gitBlob(var hash):
            unsafe hash.update(bufferPointer: bytes)
            state = .gitBlob(hash)
        case .sha256(var hash):
            unsafe hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        }
    }

    /// The hash of all bytes, as lower-case hexadecimal digits.
    var digits: String {
        switch state {
        case .gitBlob(let hash): Self.hexadecimal(hash.finalize())
        case .sha256(let hash): Self.hexadecimal(hash.finalize())
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
