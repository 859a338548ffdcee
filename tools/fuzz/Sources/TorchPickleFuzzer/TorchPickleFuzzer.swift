import FuzzSupport
import SwiftletBytes
import SwiftletTorchArchive
import TorchFuzzing

// The input is the pickle of a valid zip with four storages of 64 bytes. Unlike in the target for
// zips, changing its length does not invalidate the offsets of the rest.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let pickle = Array(UnsafeBufferPointer(start: start, count: count))
    var zip = StoredZip()
    zip.add("archive/data.pkl", pickle)
    zip.add("archive/byteorder", Array("little".utf8))
    for key in 0..<4 {
        zip.add("archive/data/\(key)", (0..<64).map { UInt8(64 * key + $0) })
    }
    zip.add("archive/version", Array("3\n".utf8))
    let file = zip.finished()
    return file.withUnsafeBufferPointer { examineTorch($0.baseAddress, $0.count, .zip) }
}
