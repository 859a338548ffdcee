import SwiftletBytes

extension FilterPipeline {
    /// The supported filters, by their registered numbers.
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

    /// Checks that all filters are supported.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Filter`` naming the first that is not.
    func checkSupported() throws(SwiftletError) {
        for step in steps where Filter(rawValue: step.number) == nil {
            throw Self.unsupported(step.number)
        }
    }

    /// The filters that the C library has without plugins.
    private static let inLibrary = 4...6

    private static func unsupported(_ number: Int) -> SwiftletError {
        let reason = "filter \(number)\(names[number].map { " (\($0))" } ?? "") is not supported"
        if inLibrary.contains(number) { return .unsupported(.hdf5Filter, reason) }
        return SwiftletError(
            .hdf5Filter, reason,
            hint:
                "where the filter is installed, h5repack -f NONE OLD NEW writes the file without it"
        )
    }

    /// Decodes a chunk by reversing the steps, last first.
    ///
    /// - Parameters:
    ///   - stored: The chunk as it is stored in the file.
    ///   - limit: The size of a decoded chunk, which the output never exceeds.
    ///   - mask: A bit for each step that was skipped.
    /// - Returns: The decoded bytes.
    /// - Throws: ``SwiftletError`` if a filter is unsupported or the chunk is damaged.
    func decode(
        _ stored: ByteView, limit: Int, mask: Int
    ) throws(SwiftletError) -> [UInt8] {
        var bytes = stored.copy()
        for (index, step) in steps.enumerated().reversed() where mask >> index & 1 == 0 {
            switch Filter(rawValue: step.number) {
            case .deflate:
                // The output includes the four-byte checksum of each earlier Fletcher step.
                let checks = steps[..<index].count { $0.number == Filter.fletcher32.rawValue }
                bytes = try ZlibStream.inflate(bytes, limit: limit + 4 * checks)
            case .shuffle:
                guard let size = step.values.first, size > 0 else {
                    throw SwiftletError(
                        .hdf5Pipeline, "the shuffle filter has no element size")
                }
                bytes = Shuffle.undo(bytes, elementSize: size)
            case .fletcher32: try Fletcher32.checkAndRemove(&bytes)
            case nil:
                throw Self.unsupported(step.number)
            }
        }
        return bytes
    }
}
