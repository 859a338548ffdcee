import SwiftletBytes

/// The checksum of the newer HDF5 structures: `hashlittle` from Bob Jenkins' lookup3.c (2006, public
/// domain), with an initial value of 0.
enum Lookup3 {
    /// The hash of all bytes.
    static func hash(_ view: ByteView) -> UInt32 {
        unsafe view.withUnsafeBytes { unsafe hash($0) }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let seed = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
        var state = State(a: seed, b: seed, c: seed)
        guard bytes.count > 0 else { return state.c }
        var start = 0
        while bytes.count - start > 12 {
            unsafe state.add(bytes, start, 12)
            state.mix()
            start += 12
        }
        unsafe state.add(bytes, start, bytes.count - start)
        state.finish()
        return state.c
    }

    private struct State {
        var a: UInt32
        var b: UInt32
        var c: UInt32

        /// Adds up to twelve bytes from `start`.
        ///
        /// The caller ensures that they are in bounds.
        mutating func add(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) {
            for index in 0..<count {
                let value = unsafe UInt32(bytes[start + index]) << UInt32(index % 4 * 8)
                switch index / 4 {
                case 0: a &+= value
                case 1: b &+= value
                default: c &+= value
                }
            }
        }

        mutating func mix() {
            a = (a &- c) ^ rotated(c, 4)
            c &+= b
            b = (b &- a) ^ rotated(a, 6)
            a &+= c
            c = (c &- b) ^ rotated(b, 8)
            b &+= a
            a = (a &- c) ^ rotated(c, 16)
            c &+= b
            b = (b &- a) ^ rotated(a, 19)
            a &+= c
            c = (c &- b) ^ rotated(b, 4)
            b &+= a
        }

        mutating func finish() {
            c = (c ^ b) &- rotated(b, 14)
            a = (a ^ c) &- rotated(c, 11)
            b = (b ^ a) &- rotated(a, 25)
            c = (c ^ b) &- rotated(b, 16)
            a = (a ^ c) &- rotated(c, 4)
            b = (b ^ a) &- rotated(a, 14)
            c = (c ^ b) &- rotated(b, 24)
        }

        private func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 {
            value << bits | value >> (32 - bits)
        }
    }
}
