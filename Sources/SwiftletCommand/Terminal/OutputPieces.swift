import SwiftletBytes

/// The pieces of a line of standard output that may be too long to be made as a whole.
///
/// They gather here, where adding a byte costs no more than that, and go to standard output some at a
/// time. Use one value for one line, and end it by ``line()``.
struct OutputPieces {
    private var buffer: [UInt8] = []
    private static let size = 1 << 15

    /// Begins an object: with `id`, if there is one, as its first key.
    init(objectWithID id: JSONValue?) {
        buffer.reserveCapacity(Self.size + 64)
        add("{")
        guard let id else { return }
        add("\"id\":")
        add(Array(id.text().utf8))
        add(",")
    }

    /// Adds text.
    @inline(__always)
    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { buffer.append(contentsOf: $0) }
        sendIfFull()
    }

    /// Adds bytes.
    @inline(__always)
    mutating func add(_ bytes: [UInt8]) {
        buffer += bytes
        sendIfFull()
    }

    /// Adds the digits of a number.
    mutating func add(_ value: Int) {
        guard value >= 10 else {
            guard value >= 0 else { return add(Array(String(value).utf8)) }
            buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
            return
        }
        let first = buffer.count
        var rest = value
        while rest > 0 {
            buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        buffer[first...].reverse()
    }

    private mutating func sendIfFull() {
        guard buffer.count >= Self.size else { return }
        StandardOutput.shared.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Ends the line.
    mutating func line() {
        StandardOutput.shared.write(buffer)
        StandardOutput.shared.write("\n")
        buffer.removeAll(keepingCapacity: true)
    }
}
