import SwiftletBytes
import SwiftletLibc

/// Standard output, for results.
///
/// It is buffered, and failed writes are reported: a full disk is exit status 74, not a truncated
/// result.
final class StandardOutput: @unchecked Sendable {
    /// The stdout of the process, for use by one thread.
    static let shared = StandardOutput()

    private var buffer: [UInt8] = []
    private let isTerminal = OpenFile.standardOutput.isTerminal
    private var failure: SwiftletError?

    /// Writes a line.
    func line(_ text: String) { write(text + "\n") }

    /// Writes an object as one line.
    func line(_ object: JSONObject) { line(JSONValue.object(object).text()) }

    /// Writes text of a model as it is; to a terminal, which it must not control, printable.
    func text(_ text: String) {
        guard isTerminal else { return write(text) }
        write(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false).map {
                    String($0).printable
                }.joined(separator: "\t")
            }.joined(separator: "\n"))
    }

    /// Writes text; on a terminal it appears at once.
    func write(_ text: String) {
        buffer += text.utf8
        if isTerminal || buffer.count >= 1 << 16 { try? flush() }
    }

    /// Writes bytes, the pieces of a line that ends with ``write(_:)``.
    func write(_ bytes: [UInt8]) {
        buffer += bytes
        if buffer.count >= 1 << 16 { try? flush() }
    }

    /// Flushes the buffer.
    ///
    /// - Throws: I/O (74), also if an earlier write failed.
    func flush() throws(SwiftletError) {
        if let failure {
            // Nothing more is written, and a long line must not gather.
            buffer.removeAll(keepingCapacity: true)
            throw failure
        }
        do throws(SwiftletError) {
            try OpenFile.standardOutput.write(buffer)
        } catch  where error.code == .brokenPipe {
            StopSignals.endByBrokenPipe()
        } catch {
            failure = error
            throw error
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Standard error, for notes, progress and errors.
enum StandardError {
    /// Whether it is a terminal.
    static let isTerminal = OpenFile.standardError.isTerminal

    static func line(_ text: String) { write(text + "\n") }

    static func write(_ text: String) {
        // A failure to write to stderr cannot be reported anywhere.
        try? OpenFile.standardError.write(Array(text.utf8))
    }
}

/// Ends the process.
func endProcess(status: Int32) -> Never { exit(status) }
