import SwiftletBytes

/// A file of lines that are read in any order, by any thread.
///
/// Lines are read where they are used and not mapped, so that memory does not grow with the part of
/// the file that has been used, and a file that becomes shorter is an error.
final class DataFile: Sendable {
    /// The path as the user named it.
    let path: String
    /// The number of bytes.
    let count: Int
    private let file: OpenFile

    /// The longest line that is read.
    static let lineLimit = 1 << 30

    /// Opens the file at `path`.
    ///
    /// What can be read only once (a pipe) is copied to a temporary file without a name, whose
    /// space is freed at the end of the process.
    ///
    /// - Throws: no input (66) for a file that does not exist, or a folder; bad data (65) for
    ///   UTF-16, and for a file that is no text.
    init(path: String) throws(SwiftletError) {
        self.path = path
        var file = try OpenFile(path, for: .reading)
        var status = try file.status()
        if status.kind == .other {
            file = try Self.copy(file, path)
            status = try file.status()
        }
        guard status.kind == .file else {
            throw SwiftletError(.notAFile, file: path, "is not a file")
        }
        self.file = file
        count = status.size
        try checkContent()
    }

    private static let pieceSize = 1 << 18

    private static func copy(_ pipe: OpenFile, _ path: String) throws(SwiftletError) -> OpenFile {
        let copy = try OpenFile.unnamed(in: FileSystem.temporaryFolder)
        // An endless line would fill the disk.
        var (number, length) = (1, 0)
        while true {
            var size = 0
            let piece = try ByteView(count: pieceSize) { (buffer) throws(SwiftletError) in
                size = try unsafe pipe.read(into: buffer)
            }
            guard size > 0 else { return copy }
            try unsafe piece[0..<size].withUnsafeBytes { (bytes) throws(SwiftletError) in
                for byte in unsafe bytes {
                    length = byte == 0x0A ? 0 : length + 1
                    if byte == 0x0A { number += 1 }
                    guard length <= lineLimit else { throw tooLong(path, number) }
                }
                try unsafe copy.write(bytes)
            }
        }
    }

    /// The error for a line beyond ``lineLimit``.
    static func tooLong(_ path: String, _ line: Int) -> SwiftletError {
        SwiftletError(
            .trainingLine, file: path, "has more than \(lineLimit) bytes", at: "line \(line)")
    }

    /// The number of bytes of the mark that says that the file is UTF-8.
    var markSize: Int {
        get throws(SwiftletError) {
            try EncodingMark.size(
                try read(0..<min(EncodingMark.length, count)).copy(), file: path)
        }
    }

    /// Checks that the file can be lines of JSON in UTF-8.
    private func checkContent() throws(SwiftletError) {
        if count > 0 { try ForeignContent.refuse(try read(0..<min(512, count)), file: path) }
        _ = try markSize
    }

    /// Reads a range of bytes.
    ///
    /// - Throws: I/O (74), also if the file has become shorter.
    func read(_ range: Range<Int>) throws(SwiftletError) -> ByteView {
        try ByteView(count: range.count) { (buffer) throws(SwiftletError) in
            var done = 0
            while done < range.count {
                // In bounds: done < range.count.
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                let count = try unsafe file.read(into: rest, at: range.lowerBound + done)
                guard count > 0 else {
                    throw SwiftletError(.readFailed, file: path, "has become shorter")
                }
                done += count
            }
        }
    }
}
