import SwiftletBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output, for results. It is buffered, and failed writes are reported: a full disk is exit
/// status 74, not a truncated result.
final class StandardOutput: @unchecked Sendable {
    /// The stdout of the process, for use by one thread.
    static let shared = StandardOutput()

    private var buffer: [UInt8] = []
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var failure: SwiftletError?

    /// Writes a line.
    func line(_ text: String) { write(text + "\n") }

    /// Writes an object as one line.
    func line(_ object: JSONObject) { line(JSONValue.object(object).text()) }

    /// Writes text; on a terminal it appears at once.
    func write(_ text: String) {
        buffer += text.utf8
        if isTerminal || buffer.count >= 1 << 16 { try? flush() }
    }

    /// Flushes the buffer.
    ///
    /// - Throws: I/O (74), also if an earlier write failed.
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

/// Standard error, for notes, progress and errors.
enum StandardError {
    /// Whether it is a terminal.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    static func line(_ text: String) { write(text + "\n") }

    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        // A failure to write to stderr cannot be reported anywhere.
        _ = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { Platform.write(STDERR_FILENO, $0, bytes.count) }
        }
    }
}

/// C functions under names that our own methods do not shadow.
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
