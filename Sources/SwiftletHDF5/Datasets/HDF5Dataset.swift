import SwiftletBytes

/// An array of numbers with a name. Its bytes are read when they are asked for.
public struct HDF5Dataset: Sendable {
    /// How a dataset's bytes are kept.
    public enum Storage: Sendable, Equatable {
        /// In one piece: the bytes are views into the file, if they are little-endian.
        case contiguous
        /// Inside the object's header: likewise.
        case compact
        /// In chunks, perhaps filtered: the bytes are put together in memory.
        case chunked
        /// In other files: refused.
        case external
        /// Put together from other datasets: refused.
        case virtual
    }

    /// The path from the root.
    public let path: String
    /// The length of each dimension, slowest first; empty for a scalar, `[0]` for h5py's `Empty`.
    public let shape: [Int]
    /// How the bytes are kept.
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

    /// The last part of ``path``.
    public var name: String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.index(after: $0)...]) }
            ?? path
    }

    /// The type of the elements. Two bytes that Keras marks as `bfloat16` are that.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Type`` for elements that are no numbers.
    public var dtype: DType {
        get throws(SwiftletError) {
            try inFile { (header, reader) throws(SwiftletError) in
                try numbers(header, &reader).dtype
            }
        }
    }

    /// The attributes: in order of creation where the dataset keeps that, else by name.
    public var attributes: [HDF5Attribute] {
        get throws(SwiftletError) {
            try inFile { (header, reader) throws(SwiftletError) in
                try AttributeList.read(header, &reader)
            }
        }
    }

    /// The value of an attribute; nil if there is none of that name.
    public func attribute(_ name: String) throws(SwiftletError) -> HDF5Value? {
        try AttributeList.value(name, in: try attributes)
    }

    /// The elements, little-endian, in row-major order: a view into the file where they lie so,
    /// else memory that each call fills anew.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5SizeBomb`` before any memory is taken for a size that
    ///   the stored bytes cannot make; codes of kind `unsupported` for what is not read.
    public func bytes() throws(SwiftletError) -> ByteView {
        try inFile { (header, reader) throws(SwiftletError) in
            try elements(header, &reader).1.read(&reader)
        }
    }

    /// The dataset as a tensor, whose bytes are a view if they lie in the file as they are wanted,
    /// else are put together when they are asked for.
    ///
    /// - Parameter name: the tensor's name; nil for the path without its first slash.
    /// - Throws: as ``bytes()`` and ``dtype``, but for what only decoding shows.
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

    /// Answers one question, with the file and this dataset in its errors.
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
