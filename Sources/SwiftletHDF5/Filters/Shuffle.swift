/// The shuffle filter, which stores the first bytes of all elements, then all second bytes, and so
/// on.
enum Shuffle {
    /// Restores the order of the bytes.
    ///
    /// Bytes after the last whole element are not shuffled.
    static func undo(_ bytes: [UInt8], elementSize: Int) -> [UInt8] {
        let count = bytes.count / elementSize
        guard elementSize > 1, count > 1 else { return bytes }
        var result = bytes
        for byte in 0..<elementSize {
            let plane = byte * count
            for element in 0..<count {
                result[element * elementSize + byte] = bytes[plane + element]
            }
        }
        return result
    }
}
