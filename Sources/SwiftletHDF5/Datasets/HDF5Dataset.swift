import SwiftletBytes

/// A named array of numbers.
///
/// Its elements are read on access.
public struct HDF5Dataset: Sendable {
    /// The storage layout of a dataset.
    public enum Storage: Sendable, Equatable {
        /// Contiguous in the file. Little-endian elements are views into the file.
        case contiguous
        /// In the object header. Little-endian elements are views into the file.
        case compact
        /// In chunks, which may be filtered. The elements are assembled in memory.
        case chunked
        /// In other files, which is refused.
        case external
        /// In other datasets, which is refused.
        case virtual
    }

    /// The path from the root.
    public let path: String
    /// The dimensions, slowest varying first; empty for a scalar, `[0]` for h5py's `Empty`.
    public let shape: [Int]
    /// The storage layout.
    public let storage: Storage

    let space: AddressSpace
    let address: UInt64

    init(
        _ header: ObjectHeader, path: String, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        (self.path, address, space) = (path, header.address, reader.space)
        var dataspace = try header.required(.dataspace, "a dataspace", reader)
        shape = try Dataspace(&dataspace).shape
        if header.first(.externalFiles) != nil {
            storage = .external
        } else {
            var layout = try header.required(.layout, "a layout", reader)
            switch try DataLayout(&layout) {
            case .compact: storage = .compact
            case .contiguous: storage = .contiguous
            case .chunked: storage = .chunked
            case .virtual: storage = .virtual
            }
        }
    }

    /// The last component of ``path``.
    public var name: String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.index(after: $0)...]) }
            ?? path
    }

    /// The type of the elements.
    ///
    /// Two-byte elements that Keras marks as `bfloat16` are BF16.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5NotNumbers`` if the elements are not numbers,
    ///   ``SwiftletBytes/SwiftletError/Code/hdf5Type`` if they are of an unsupported form.
    public var dtype: DType {
        get throws(SwiftletError) {
            try inFile { (header, reader) throws(SwiftletError) in
                try numbers(header, &reader).dtype
            }
        }
    }

    /// The attributes: in order of creation if the dataset tracks it, else by name.
    public var attributes: [HDF5Attribute] {
        get throws(SwiftletError) {
            try inFile { (header, reader) throws(SwiftletError) in
                try AttributeList.read(header, &reader)
            }
        }
    }

    /// The value of the attribute with the given name, or nil if there is no such attribute.
    public func attribute(_ name: String) throws(SwiftletError) -> HDF5Value? {
        try AttributeList.value(name, in: try attributes)
    }

    /// Returns the elements, little-endian and in row-major order.
    ///
    /// - Returns: A view into the file if the elements are stored that way, else newly allocated
    ///   memory.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5SizeBomb``, before any memory is allocated,
    ///   if the stored bytes cannot justify the size; errors of kind `unsupported` for other
    ///   storage, types and filters.
    public func bytes() throws(SwiftletError) -> ByteView {
        try inFile { (header, reader) throws(SwiftletError) in
            try elements(header, &reader).1.read(&reader)
        }
    }

    /// Returns the dataset as a tensor.
    ///
    /// - Parameter name: The name of the tensor; nil for the path without the leading slash.
    /// - Returns: A tensor that is a view into the file if possible, and whose bytes are else
    ///   assembled on access.
    /// - Throws: The errors of ``bytes()`` and ``dtype``, except those of decoding.
    public func tensor(named name: String? = nil) throws(SwiftletError) -> StoredTensor {
        let name = name ?? String(path.drop { $0 == "/" })
        return try inFile { (header, reader) throws(SwiftletError) in
            let (dtype, elements) = try elements(header, &reader)
            if case .view(let bytes) = try elements.plan(&reader) {
                return StoredTensor(
                    name: name, dtype: dtype, shape: shape, bytes: bytes, file: space.path)
            }
            return StoredTensor(name: name, dtype: dtype, shape: shape, file: space.path) {
                () throws(SwiftletError) in try self.bytes()
            }
        }
    }

    private func elements(
        _ header: ObjectHeader, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> (dtype: DType, ElementReader) {
        let (dtype, bigEndian, elementSize) = try numbers(header, &reader)
        let elements = ElementReader(
            header: header, shape: shape, elementSize: elementSize, bigEndian: bigEndian)
        return (dtype, elements)
    }

    private func numbers(
        _ header: ObjectHeader, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> (dtype: DType, bigEndian: Bool, elementSize: Int) {
        var fields = try header.required(.datatype, "a datatype", reader)
        let type = try Datatype(&fields)
        var mark: String?
        if type.size == 2 {
            let attributes = try AttributeList.read(header, &reader)
            mark = try AttributeList.value("dtype", in: attributes)?.string
        }
        let (dtype, bigEndian) = try type.number(mark: mark)
        return (dtype, bigEndian, type.size)
    }

    /// Calls `body` with a new reader, and adds the file and this dataset to its errors.
    private func inFile<R>(
        _ body: (ObjectHeader, inout MetadataReader) throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        var reader = MetadataReader(space)
        do throws(SwiftletError) {
            return try body(try ObjectHeader(at: address, &reader), &reader)
        } catch {
            throw error.inFile(space.path).at("\"\(path)\"")
        }
    }
}
