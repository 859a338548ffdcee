import CFuzzSupport
import FuzzSupport
import SwiftletBytes
import SwiftletHDF5

// Everything that a file has is read: links, attributes, datasets, both layouts of Keras. A second
// opening lists the same datasets.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // One dataset at a time: 16 MB, or 1032 bytes for each that it has in the file, once as it was
    // stored and once as it is wanted.
    examine(start, count, allowance: 40 << 20 + 2 * 1032 * count) { input in
        var walk = FileWalk()
        walk.read(input)
        return .examined
    }
}

/// Structures of newer files carry checksums, which no mutation would get right: after it, those
/// that the reader reports as wrong are put right, one after the other.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maxSize: Int, _ seed: CUnsignedInt
) -> Int {
    let count = LLVMFuzzerMutate(data, size, maxSize)
    var bytes = Array(UnsafeBufferPointer(start: data, count: count))
    // Now and then a wrong checksum is what is wanted.
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
