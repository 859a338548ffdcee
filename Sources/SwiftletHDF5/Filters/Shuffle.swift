/// The shuffle filter: first bytes of all elements, then all second bytes, and so on.
enum Shuffle {
    /// Puts the bytes of each element together again; what is over at the end was left in place.
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
