extension Range<Int> {
    /// The characters that a range of bytes of a text is part of, as the reference counts.
    func widened(toCharactersOf text: String) -> Range<Int> {
        guard !isEmpty else { return self }
        let bytes = Array(text.utf8)
        var (start, end) = (lowerBound, upperBound)
        while bytes[start] & 0xC0 == 0x80 { start -= 1 }
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return start..<end
    }
}
