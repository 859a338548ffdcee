import SwiftletBytes

extension FilterPipeline {
    /// The filters that are read, by their registered numbers.
    private enum Filter: Int {
        case deflate = 1
        case shuffle = 2
        case fletcher32 = 3
    }

    private static let names = [
        4: "szip", 5: "nbit", 6: "scaleoffset", 305: "lzo", 307: "bzip2", 32000: "lzf",
        32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd",
        32026: "blosc2",
    ]

    /// - Throws: ``SwiftletError/Code/hdf5Filter`` naming a filter that is not read.
    func checkSupported() throws(SwiftletError) {
        for step in steps where Filter(rawValue: step.number) == nil {
            let name = Self.names[step.number].map { " (\($0))" } ?? ""
            throw .beyond(.hdf5Filter, "filter \(step.number)\(name) is not read")
        }
    }

    /// Undoes the steps, last first.
    ///
    /// - Parameters:
    ///   - stored: the chunk as it lies in the file.
    ///   - limit: the chunk's bytes; more are never made.
    ///   - mask: a bit for each step that was left out.
    func decode(
        _ stored: ByteView, limit: Int, mask: Int
    ) throws(SwiftletError) -> [UInt8] {
        var bytes = stored.copy()
        for (index, step) in steps.enumerated().reversed() where mask >> index & 1 == 0 {
            switch Filter(rawValue: step.number) {
            case .deflate:
                // A checksum of an earlier step is four bytes more.
                let checks = steps[..<index].count { $0.number == Filter.fletcher32.rawValue }
                bytes = try ZlibStream.inflate(bytes, limit: limit + 4 * checks)
            case .shuffle:
                guard let size = step.values.first, size > 0 else {
                    throw SwiftletError(.hdf5Pipeline, "shuffle without the size of an element")
                }
                bytes = Shuffle.undo(bytes, elementSize: size)
            case .fletcher32: try Fletcher32.checkAndRemove(&bytes)
            case nil:
                throw .beyond(.hdf5Filter, "filter \(step.number) is not read")
            }
        }
        return bytes
    }
}
