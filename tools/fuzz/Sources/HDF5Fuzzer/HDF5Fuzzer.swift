import CFuzzSupport
import FuzzSupport
import SwiftletBytes
import SwiftletHDF5

// Everything in a file is read: links, attributes, datasets, both layouts of Keras. Opening it again
// lists the same datasets.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // One dataset at a time: 16 MiB, or 1032 times its stored bytes, once decoded and once
    // assembled.
    examine(start, count, allowance: 40 << 20 + 2 * 1032 * count) { input in
        var walk = FileWalk()
        walk.read(input)
        return .examined
    }
}

/// Mutates an input, and then corrects the checksums of newer structures that the reader reports as
/// wrong, because random mutations would never get them right.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maxSize: Int, _ seed: CUnsignedInt
) -> Int {
    let count = LLVMFuzzerMutate(data, size, maxSize)
    var bytes = Array(UnsafeBufferPointer(start: data, count: count))
    // Some inputs keep their wrong checksums.
    guard seed % 16 != 0, WrongChecksum.mayBe(in: bytes) else { return count }
    for _ in 0..<4 {
        var walk = FileWalk()
        walk.readsElements = false
        walk.read(ByteView(bytes))
        guard !walk.wrongChecksums.isEmpty else { break }
        for wrong in walk.wrongChecksums { wrong.repair(&bytes) }
    }
    for (index, byte) in bytes.enumerated() { data[index] = byte }
    return count
}
