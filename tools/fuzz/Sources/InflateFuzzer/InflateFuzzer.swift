import CZlib
import FuzzSupport
import SwiftletBytes

@testable import SwiftletHDF5

// The verdict and the output agree with zlib: for the input as raw deflate data, so that no checksum
// hides the rest, and for the input as a zlib stream.

private let limit = 1 << 16

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 4 * limit + 1 << 16) { input in
        let bytes = input.copy()
        let raw = verdict(["hdf5.deflate"]) { () throws(SwiftletError) in
            var inflater = Inflater(bytes, from: 0, limit: limit)
            let end = try inflater.run()
            return (output: inflater.takeOutput(), end: end)
        }
        let reference = zlib(bytes, windowBits: -15)
        require(
            raw?.output == reference?.output, "the output of the deflate data differs from zlib")
        require(raw?.end == reference?.end, "the end of the deflate data differs from zlib")

        let whole = verdict(["hdf5.deflate"]) { () throws(SwiftletError) in
            try ZlibStream.inflate(bytes, limit: limit)
        }
        let wholeReference = zlib(bytes, windowBits: 15).flatMap {
            $0.end == count ? $0.output : nil
        }
        require(whole == wholeReference, "the output of the zlib stream differs from zlib")
        return .examined
    }
}

/// The output of zlib and the end of the stream, or nil if it fails or exceeds the limit.
private func zlib(_ bytes: [UInt8], windowBits: CInt) -> (output: [UInt8], end: Int)? {
    var stream = z_stream()
    guard
        inflateInit2_(&stream, windowBits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK
    else { fatalError("zlib cannot be initialized") }
    defer { inflateEnd(&stream) }
    // One byte more than the limit, to detect longer streams.
    var output = [UInt8](repeating: 0, count: limit + 1)
    var input = bytes
    let status = output.withUnsafeMutableBufferPointer { output in
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = CUnsignedInt(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = CUnsignedInt(output.count)
            return inflate(&stream, Z_FINISH)
        }
    }
    let made = Int(stream.total_out)
    guard status == Z_STREAM_END, made <= limit else { return nil }
    return (Array(output[..<made]), Int(stream.total_in))
}
