import SwiftletBytes

extension SafetensorsHeader {
    /// The second half of the ladder: the tensors tile the data exactly.
    ///
    /// - Parameter view: the whole file.
    /// - Returns: the tensors in the order of their offsets.
    func tensors(in view: ByteView, file: String) throws(SwiftletError) -> [StoredTensor] {
        // Empty tensors share offsets; they keep the header's order, as sort(by:) is stable.
        let ordered = entries.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
        var tensors: [StoredTensor] = []
        tensors.reserveCapacity(ordered.count)
        var place: UInt64 = 0
        for entry in ordered {
            do throws(SwiftletError) {
                try Self.check(entry, startingAt: place)
                tensors.append(try tensor(entry, in: view, file: file))
            } catch {
                throw error.at("tensor \"\(entry.name)\"").inFile(file)
            }
            place = entry.end
        }
        guard place == view.count - dataStart else {
            throw SwiftletError(
                .safetensorsDataEnd, file: file,
                "the data end at byte \(place) of \(view.count - dataStart)",
                at: "offset \(dataStart)")
        }
        return tensors
    }

    private static func check(
        _ entry: Entry, startingAt place: UInt64
    ) throws(SwiftletError) {
        guard entry.begin == place, entry.end >= entry.begin else {
            throw SwiftletError(
                .safetensorsOffsets,
                "the offsets [\(entry.begin), \(entry.end)] do not go on from \(place)")
        }
        var elements: UInt64 = 1
        for length in entry.shape {
            let (product, overflow) = elements.multipliedReportingOverflow(by: length)
            guard !overflow else { throw overflowing(entry) }
            elements = product
        }
        let (bits, overflow) = elements.multipliedReportingOverflow(by: UInt64(entry.dtype.bits))
        guard !overflow else { throw overflowing(entry) }
        guard bits % 8 == 0 else {
            throw SwiftletError(
                .safetensorsPartialByte,
                "\(elements) elements of \(entry.dtype.rawValue) end inside a byte")
        }
        guard bits / 8 == entry.end - entry.begin else {
            throw SwiftletError(
                .safetensorsSize,
                "shape \(entry.shape) of \(entry.dtype.rawValue) takes \(bits / 8) bytes, "
                    + "the offsets give \(entry.end - entry.begin)")
        }
    }

    private static func overflowing(_ entry: Entry) -> SwiftletError {
        SwiftletError(
            .safetensorsOverflow,
            "the size of shape \(entry.shape), dtype \(entry.dtype.rawValue), overflows")
    }

    private func tensor(
        _ entry: Entry, in view: ByteView, file: String
    ) throws(SwiftletError) -> StoredTensor {
        guard let begin = Int(exactly: entry.begin), let end = Int(exactly: entry.end),
            begin <= view.count - dataStart,
            let bytes = view.checkedSlice(offset: dataStart + begin, count: end - begin)
        else {
            throw SwiftletError(
                .safetensorsDataEnd,
                "the offsets [\(entry.begin), \(entry.end)] reach past the "
                    + "\(view.count - dataStart) bytes of data")
        }
        var shape: [Int] = []
        for length in entry.shape {
            // Only an empty tensor can get here with a length that Int cannot hold.
            guard let length = Int(exactly: length) else { throw Self.overflowing(entry) }
            shape.append(length)
        }
        return StoredTensor(
            name: entry.name, dtype: entry.dtype, shape: shape, bytes: bytes, file: file)
    }
}
