import SwiftletBytes

/// Reads lines from stdin or a file as they arrive.
///
/// A caller gets all lines available and waits only if there is none, so that a pipe is answered
/// line by line and a file in large batches.
final class LineInput {
    /// A line, with its number counted from 1.
    struct Line {
        let text: ByteView
        let number: Int
    }

    /// The longest line, and the longest text without lines, in bytes.
    static let limit = 1 << 28

    /// The name in errors.
    var name: String { file.name }
    private let file: OpenFile
    private var pending: [UInt8] = []
    /// The length of the part of `pending` known to have no line end.
    private var searched = 0
    private var number = 0
    private var atEnd = false
    /// The number of bytes read so far.
    private(set) var bytesRead = 0

    /// The total number of bytes; nil unless the input is a regular file.
    var byteCount: Int? {
        guard let status = try? file.status(), status.kind == .file else { return nil }
        return status.size
    }

    /// Opens `path`, or stdin if it is nil.
    ///
    /// - Throws: no input (66).
    init(path: String?) throws(SwiftletError) {
        file =
            try path.map { (path) throws(SwiftletError) in try OpenFile(path, for: .reading) }
            ?? .standardInput
    }

    /// The next lines, at least one; nil at the end.
    ///
    /// Blank lines are skipped.
    ///
    /// - Throws: I/O (74); bad data (65) for a line beyond ``limit``.
    func next() throws(SwiftletError) -> [Line]? {
        while true {
            var lines: [Line] = []
            var start = 0
            while let end = pending[max(start, searched)...].firstIndex(of: 0x0A) {
                add(pending[start..<end], to: &lines)
                start = end + 1
            }
            if atEnd, start < pending.count {
                add(pending[start...], to: &lines)
                start = pending.count
            }
            pending.removeFirst(start)
            searched = pending.count
            if !lines.isEmpty { return lines }
            if atEnd { return nil }
            guard pending.count <= Self.limit else {
                throw SwiftletError(
                    .lineValue, file: name, "has more than \(Self.limit) bytes",
                    at: "line \(number + 1)")
            }
            try fill()
        }
    }

    /// The rest of the input.
    ///
    /// - Throws: I/O (74); bad data (65) for a text beyond ``limit``.
    func rest() throws(SwiftletError) -> [UInt8] {
        while !atEnd {
            guard pending.count <= Self.limit else {
                throw SwiftletError(
                    .lineValue, file: name, "has more than \(Self.limit) bytes",
                    hint: "give a file with --input, or lines with --jsonl")
            }
            try fill()
        }
        defer { (pending, searched) = ([], 0) }
        return pending
    }

    private func add(_ bytes: ArraySlice<UInt8>, to lines: inout [Line]) {
        number += 1
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        lines.append(Line(text: ByteView(Array(bytes)), number: number))
    }

    /// Reads once, each time more than before while a line is incomplete.
    private func fill() throws(SwiftletError) {
        let size = max(1 << 16, pending.count)
        var outcome: Result<Int, SwiftletError> = .success(0)
        let chunk = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            outcome = Result { () throws(SwiftletError) in
                try file.read(into: UnsafeMutableRawBufferPointer(target))
            }
            count = (try? outcome.get()) ?? 0
        }
        if try outcome.get() == 0 { atEnd = true }
        bytesRead += chunk.count
        pending += chunk
    }
}
