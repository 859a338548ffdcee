/// The mark at the start of a text that names its encoding.
package enum EncodingMark {
    /// The number of bytes that decide: two units of the widest encoding.
    package static let length = 8

    /// The UTF-8 byte order mark.
    private static let utf8: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Returns the size of the UTF-8 mark at the start of a text of JSON: 3 or 0.
    ///
    /// - Parameters:
    ///   - front: the first ``length`` bytes of the text, or all of a shorter one.
    ///   - file: the file to name in errors.
    /// - Returns: the number of bytes to skip.
    /// - Throws: ``SwiftletError/Code/notUTF8`` for UTF-16 and UTF-32, with or without a mark.
    package static func size(_ front: [UInt8], file: String? = nil) throws(SwiftletError) -> Int {
        if front.starts(with: utf8) { return utf8.count }
        guard let name = wideEncoding(front) else { return 0 }
        throw SwiftletError(
            .notUTF8, file: file, "is \(name), not UTF-8",
            hint: "convert it, for example with iconv -f \(name) -t UTF-8")
    }

    /// Returns a text of JSON without the UTF-8 mark at its start.
    ///
    /// - Throws: as ``size(_:file:)``.
    package static func skip(
        _ text: ByteView, file: String? = nil
    ) throws(SwiftletError) -> ByteView {
        let size = try size(text[0..<min(length, text.count)].copy(), file: file)
        return size == 0 ? text : text[size..<text.count]
    }

    /// The encoding of units of 16 or 32 bits that a text begins in; nil for other texts.
    ///
    /// JSON begins with two characters of ASCII, or with one that is alone, so without a mark the
    /// zero bytes show the width of a unit.
    private static func wideEncoding(_ front: [UInt8]) -> String? {
        if front.starts(with: [0xFF, 0xFE, 0, 0]) || front.starts(with: [0, 0, 0xFE, 0xFF]) {
            return "UTF-32"
        }
        if front.starts(with: [0xFF, 0xFE]) || front.starts(with: [0xFE, 0xFF]) {
            return "UTF-16"
        }
        for (name, size) in [("UTF-32", 4), ("UTF-16", 2)]
        where front.count >= 2 * size {
            for place in [0, size - 1] {
                let isWide = front[..<(2 * size)].indices.allSatisfy { index in
                    let isCharacter = index % size == place
                    return isCharacter
                        ? (0x09..<0x7F).contains(front[index]) : front[index] == 0
                }
                if isWide { return place == 0 ? "\(name)LE" : "\(name)BE" }
            }
        }
        return nil
    }
}
