/// The lines of a JSON Lines text.
///
/// Lines end at `\n` only; blank lines are skipped.
public struct JSONLines: Sequence, IteratorProtocol {
    /// A line and its number.
    public struct Line: Sendable {
        /// The line without its end.
        public let text: ByteView
        /// The line's number in the file, starting at 1 and counting blank lines.
        public let number: Int
        /// Whether this is the last line and has no line end.
        public let isUnterminated: Bool
    }

    private let view: ByteView
    private var offset = 0
    private var number = 0

    /// Creates the sequence of the lines of `view`.
    public init(_ view: ByteView) { self.view = view }

    /// Returns the next line that is not blank.
    public mutating func next() -> Line? {
        while offset < view.count {
            let start = offset
            let end = end(from: start)
            offset = end + 1
            number += 1
            let line = view[start..<end]
            if !isBlank(line) {
                return Line(
                    text: line, number: number, isUnterminated: end == view.count)
            }
        }
        return nil
    }

    private func end(from start: Int) -> Int {
        unsafe view.withUnsafeBytes { bytes in
            // In bounds: the slice starts inside the view.
            unsafe bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        }
    }

    private func isBlank(_ line: ByteView) -> Bool {
        unsafe line.withUnsafeBytes { bytes in
            unsafe bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        }
    }
}
