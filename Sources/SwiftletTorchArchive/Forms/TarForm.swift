import SwiftletBytes

/// The tar format, used before PyTorch 0.1.10.
///
/// As in the reference it is recognized and refused.
enum TarForm {
    /// Whether the file begins with a tar header: its checksum field holds, in octal, the sum of
    /// the 512 header bytes with the field itself read as spaces.
    static func isTar(_ view: ByteView) -> Bool {
        guard let header = view.checkedSlice(offset: 0, count: 512)?.copy() else { return false }
        let field = 148..<156
        var sum = 0
        for (place, byte) in header.enumerated() {
            sum += field.contains(place) ? 0x20 : Int(byte)
        }
        let digits = header[field].drop { $0 == 0x20 }.prefix { 0x30...0x37 ~= $0 }
        guard !digits.isEmpty else { return false }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) } == sum
    }
}
