import SwiftletBytes

extension SafetensorsHeader {
    /// Makes the second half of the checks: the tensors cover the data exactly.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - file: The path reported in errors and by the tensors.
    /// - Returns: The tensors in the order of their offsets.
    /// - Throws: ``SwiftletError`` naming the first tensor that is out of place.
    func tensors(in view: ByteView, file: String) throws(SwiftletError) -> [StoredTensor] {
        // Empty tensors share offsets and keep the header's order, because sorting is stable.
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
                "the tensors cover \(place) of the \(view.count - dataStart) bytes of data",
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
                "the offsets [\(entry.begin), \(entry.end)] are not a range starting at \(place)")
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
                "\(elements) elements of \(entry.dtype.rawValue) do not fill whole bytes")
        }
        guard bits / 8 == entry.end - entry.begin else {
            throw SwiftletError(
                .safetensorsSize,
                "shape \(entry.shape) of \(entry.dtype.rawValue) takes \(bits / 8) bytes, "
                    + "but the offsets span \(entry.end - entry.begin)")
        }
    }

    private static func overflowing(_ entry: Entry) -> SwiftletError {
        SwiftletError(
            .safetensorsOverflow,
            "the size of shape \(entry.shape) of \(entry.dtype.rawValue) overflows")
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
                "the offsets [\(entry.begin), \(entry.end)] extend past the "
                    + "\(view.count - dataStart) bytes of data")
        }
        var shape: [Int] = []
        for length in entry.shape {
            // Only the shape of an empty tensor can still have a length that exceeds Int.
            guard let length = Int(exactly: length) else { throw Self.overflowing(entry) }
            shape.append(length)
        }
        return StoredTensor(
            name: entry.name, dtype: entry.dtype, shape: shape, bytes: bytes, file: file)
    }
}
