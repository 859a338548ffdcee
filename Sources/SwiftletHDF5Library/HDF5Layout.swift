import CSwiftletHDF5
import SwiftletBytes

/// The contents of a file to be written, in the types of the C library.
struct HDF5Layout {
    private let arrays: [HDF5Writer.Declaration]
    private let types: [swiftlet_hdf5_type]
    private let attributes: [HDF5Writer.Attribute]
    private let path: String

    /// Checks the declarations.
    ///
    /// - Parameters:
    ///   - arrays: The arrays.
    ///   - attributes: The attributes of groups.
    ///   - path: The path reported in errors.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Writer`` if HDF5 cannot represent an array.
    init(
        _ arrays: [HDF5Writer.Declaration], _ attributes: [HDF5Writer.Attribute], path: String
    ) throws(SwiftletError) {
        var types: [swiftlet_hdf5_type] = []
        for array in arrays {
            guard let type = array.dtype.hdf5 else {
                throw SwiftletError(
                    .hdf5Writer, file: path, "HDF5 cannot store \(array.dtype.rawValue)",
                    at: "tensor \"\(array.name)\"")
            }
            guard Self.isPath(array.name), array.shape.count <= 32 else {
                throw SwiftletError(
                    .hdf5Writer, file: path, "HDF5 cannot store this name or shape",
                    at: "tensor \"\(array.name)\"")
            }
            types.append(type)
        }
        (self.arrays, self.types, self.attributes, self.path) = (arrays, types, attributes, path)
    }

    /// Whether a name is an unambiguous path, whose components are neither empty nor `.`.
    private static func isPath(_ name: String) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.contains(0) }
    }

    /// Creates the file with its structures, but without the elements of the arrays.
    ///
    /// - Parameter temporary: The path of the file.
    /// - Returns: The file offset of the elements of each array.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryMissing``,
    ///   ``SwiftletBytes/SwiftletError/Code/hdf5Writer``.
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
                    .hdf5Writer, file: path, "libhdf5 allocated no space for the array",
                    at: "tensor \"\(array.name)\"")
            }
            offsets.append(offset)
        }
        return offsets
    }
}

/// Memory for the pointers of a layout, which lives until the layout is written.
private final class LayoutMemory {
    private var pieces: [UnsafeMutableRawPointer] = []

    deinit { for piece in pieces { piece.deallocate() } }

    func text(_ text: String) -> UnsafePointer<CChar> {
        // In bounds: one byte more than the string, for the terminating zero.
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

    /// Allocates zeroed memory for `count` elements, but at least one, so that there is an address.
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
