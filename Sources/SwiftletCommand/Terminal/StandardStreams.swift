import SwiftletBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Results. Buffered, and written with errors noticed: a full disk behind a redirection is exit 74,
/// not silence.
final class StandardOutput: @unchecked Sendable {
    /// The process's stdout; used by one thread.
    static let shared = StandardOutput()

    private var buffer: [UInt8] = []
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var failure: SwiftletError?

    /// Adds a line.
    func line(_ text: String) { write(text + "\n") }

    /// Adds an object on a line of its own.
    func line(_ object: JSONObject) { line(JSONValue.object(object).text()) }

    /// Adds text; on a terminal it shows at once.
    func write(_ text: String) {
        buffer += text.utf8
        if isTerminal || buffer.count >= 1 << 16 { try? flush() }
    }

    /// Hands on what is gathered.
    ///
    /// - Throws: I/O (74), also when an earlier call could not write.
    func flush() throws(SwiftletError) {
        if let failure { throw failure }
        var done = 0
        while done < buffer.count {
            let count = buffer.withUnsafeBytes { bytes -> Int in
                // In bounds: done < bytes.count, so the base exists and the rest is inside.
                guard let base = bytes.baseAddress else { return 0 }
                return Platform.write(STDOUT_FILENO, base + done, bytes.count - done)
            }
            if count < 0 {
                let reason = errno
                if reason == EINTR { continue }
                let failure = SwiftletError(
                    .writeFailed, file: "stdout", "cannot write: \(SystemCalls.message(reason))")
                self.failure = failure
                throw failure
            }
            done += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Notes, progress and errors.
enum StandardError {
    /// Whether a person sees it.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    static func line(_ text: String) { write(text + "\n") }

    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        // What cannot be told on stderr cannot be told.
        _ = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { Platform.write(STDERR_FILENO, $0, bytes.count) }
        }
    }
}

/// The C library under names that our own methods do not shadow.
enum Platform {
    static func write(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, start, count)
        #elseif canImport(Musl)
            Musl.write(descriptor, start, count)
        #else
            Darwin.write(descriptor, start, count)
        #endif
    }
}

/// Ends the process.
func endProcess(status: Int32) -> Never {
    #if canImport(Glibc)
        Glibc.exit(status)
    #elseif canImport(Musl)
        Musl.exit(status)
    #else
        Darwin.exit(status)
    #endif
}
