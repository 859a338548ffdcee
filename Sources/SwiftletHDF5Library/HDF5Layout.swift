import CSwiftletHDF5
import SwiftletBytes

/// What a file will hold, in the library's terms.
struct HDF5Layout {
    private let arrays: [HDF5Writer.Declaration]
    private let types: [swiftlet_hdf5_type]
    private let attributes: [HDF5Writer.Attribute]
    private let path: String

    /// - Throws: ``SwiftletError/Code/hdf5Writer``.
    init(
        _ arrays: [HDF5Writer.Declaration], _ attributes: [HDF5Writer.Attribute], path: String
    ) throws(SwiftletError) {
        var types: [swiftlet_hdf5_type] = []
        for array in arrays {
            guard let type = array.dtype.hdf5 else {
                throw SwiftletError(
                    .hdf5Writer, file: path, "HDF5 has no form of \(array.dtype.rawValue)",
                    at: "tensor \"\(array.name)\"")
            }
            guard Self.isPath(array.name), array.shape.count <= 32 else {
                throw SwiftletError(
                    .hdf5Writer, file: path, "no name or shape that HDF5 can have",
                    at: "tensor \"\(array.name)\"")
            }
            types.append(type)
        }
        (self.arrays, self.types, self.attributes, self.path) = (arrays, types, attributes, path)
    }

    /// Whether a name means one path: parts between slashes that are neither empty nor a dot.
    private static func isPath(_ name: String) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.contains(0) }
    }

    /// Lays the file out at `temporary`, and returns where the bytes of each array belong.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LibraryMissing``, ``SwiftletError/Code/hdf5Writer``.
    func write(to temporary: String) throws(SwiftletError) -> [Int] {
        let memory = LayoutMemory()
        var datasets = zip(arrays, types).map { array, type in
            swiftlet_hdf5_dataset(
                path: memory.text(array.name), type: type, rank: Int32(array.shape.count),
                shape: memory.lengths(array.shape), offset: .max)
        }
        let described = attributes.map { attribute in
            swiftlet_hdf5_attribute(
                group: memory.text(attribute.group), name: memory.text(attribute.name),
                is_list: attribute.isList ? 1 : 0, count: attribute.texts.count,
                texts: memory.texts(attribute.texts))
        }
        try HDF5Library.call(.hdf5Writer, file: path) { message in
            datasets.withUnsafeMutableBufferPointer { datasets in
                described.withUnsafeBufferPointer { described in
                    swiftlet_hdf5_lay_out(
                        temporary, datasets.baseAddress, datasets.count, described.baseAddress,
                        described.count, message)
                }
            }
        }
        var offsets: [Int] = []
        for (array, dataset) in zip(arrays, datasets) {
            let isEmpty = StoredTensor.elementCount(of: array.shape) == 0
            guard let offset = isEmpty ? 0 : Int(exactly: dataset.offset) else {
                throw SwiftletError(
                    .hdf5Writer, file: path, "libhdf5 gives it no place",
                    at: "tensor \"\(array.name)\"")
            }
            offsets.append(offset)
        }
        return offsets
    }
}

/// Memory for the pointers of one layout, kept until it is written.
private final class LayoutMemory {
    private var pieces: [UnsafeMutableRawPointer] = []

    deinit { for piece in pieces { piece.deallocate() } }

    func text(_ text: String) -> UnsafePointer<CChar> {
        // In bounds: one byte more than the text, for the zero at its end.
        let bytes = make(UInt8.self, count: text.utf8.count + 1)
        for (index, byte) in text.utf8.enumerated() { bytes[index] = byte }
        return UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self)
    }

    func lengths(_ shape: [Int]) -> UnsafePointer<UInt64> {
        let lengths = make(UInt64.self, count: shape.count)
        for (index, length) in shape.enumerated() { lengths[index] = UInt64(length) }
        return UnsafePointer(lengths)
    }

    func texts(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
        let list = make(UnsafePointer<CChar>?.self, count: texts.count)
        for (index, item) in texts.enumerated() { list[index] = text(item) }
        return UnsafePointer(list)
    }

    /// At least one element, all bits zero, so that there is an address.
    private func make<Element: BitwiseCopyable>(
        _ type: Element.Type, count: Int
    ) -> UnsafeMutablePointer<Element> {
        let count = max(count, 1)
        let piece = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride,
            alignment: MemoryLayout<Element>.alignment)
        piece.initializeMemory(
            as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
        pieces.append(piece)
        return piece.bindMemory(to: type, capacity: count)
    }
}
