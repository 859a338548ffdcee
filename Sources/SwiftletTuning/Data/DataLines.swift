import SwiftletBytes

/// A line of a data file.
struct DataLine: Sendable {
    /// The line without its end.
    let text: ByteView
    /// The offset of its first byte.
    let offset: Int
    /// The line's number, counted from 1.
    let number: Int
}

/// The lines of a data file from front to back, some at a time.
///
/// Lines end at `\n` only; blank lines are skipped, as is a byte order mark.
struct DataLines {
    private let file: DataFile
    private var offset: Int
    private var number = 0

    init(_ file: DataFile) throws(SwiftletError) {
        self.file = file
        offset = try file.markSize
    }

    /// The bytes that are read at once, unless a line is longer.
    private static let blockSize = 1 << 18

    /// The lines of the next block, which may be all blank; nil at the end.
    ///
    /// - Throws: I/O (74); bad data (65) for a line beyond ``DataFile/lineLimit``.
    mutating func next() throws(SwiftletError) -> [DataLine]? {
        guard offset < file.count else { return nil }
        var size = Self.blockSize
        while true {
            let end = min(offset + size, file.count)
            let block = try file.read(offset..<end)
            let lines = lines(of: block, endsFile: end == file.count)
            if !lines.isEmpty { return lines.filter { !$0.isBlank } }
            guard size <= DataFile.lineLimit else {
                throw DataFile.tooLong(file.path, number + 1)
            }
            size *= 2
        }
    }

    /// The complete lines of a block; moves past them.
    private mutating func lines(of block: ByteView, endsFile: Bool) -> [DataLine] {
        var lines: [DataLine] = []
        var start = 0
        let first = offset
        func add(_ end: Int) {
            number += 1
            lines.append(
                DataLine(text: block[start..<end], offset: first + start, number: number))
        }
        unsafe block.withUnsafeBytes { bytes in
            // In bounds: start <= block.count.
            while let end = unsafe bytes[start...].firstIndex(of: 0x0A) {
                add(end)
                start = end + 1
            }
        }
        if endsFile, start < block.count {
            add(block.count)
            start = block.count
        }
        offset = first + start
        return lines
    }

    /// Converts all lines of a file on several threads.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - threads: the number of threads.
    ///   - onProgress: called now and then with the bytes that were read, and those of the file.
    ///   - convert: converts one line; called from any thread.
    ///   - use: called with what came of each line, in the order of the file.
    /// - Throws: what `use` throws; I/O (74).
    static func forEach<Value: Sendable>(
        in file: DataFile, threads: Int, onProgress: (Int, Int) -> Void = { _, _ in },
        _ convert: @escaping @Sendable (DataLine) throws(SwiftletError) -> Value,
        use: (DataLine, Result<Value, SwiftletError>) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        var lines = try DataLines(file)
        var atEnd = false
        while !atEnd {
            var blocks: [[DataLine]] = []
            while blocks.count < threads * 4, !atEnd {
                if let block = try lines.next() { blocks.append(block) } else { atEnd = true }
            }
            let results = ThreadTeam.map(blocks, threads: threads) { block in
                block.map { line in
                    Result { () throws(SwiftletError) in try convert(line) }
                }
            }
            for (block, results) in zip(blocks, results) {
                for (line, result) in zip(block, results) {
                    try use(
                        line, result.mapError { $0.inFile(file.path).at("line \(line.number)") })
                }
            }
            onProgress(lines.offset, file.count)
        }
    }
}

extension DataLine {
    /// Whether the line has nothing but white space.
    fileprivate var isBlank: Bool {
        unsafe text.withUnsafeBytes { bytes in
            unsafe bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        }
    }
}
