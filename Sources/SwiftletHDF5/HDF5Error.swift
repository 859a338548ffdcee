import SwiftletBytes

// One code a rung. formats/hdf5.md says what each means.
extension SwiftletError.Code {
    /// No HDF5 signature at 0, 512, 1024, 2048, …
    public static let hdf5Signature = Self("hdf5.signature", .badData)
    /// A superblock that contradicts itself or the file.
    public static let hdf5Superblock = Self("hdf5.superblock", .badData)
    /// The file is shorter than its superblock says.
    public static let hdf5Truncated = Self("hdf5.truncated", .badData)
    /// An address or a length that leaves the file.
    public static let hdf5Address = Self("hdf5.address", .badData)
    /// A structure ends before its fields do.
    public static let hdf5Short = Self("hdf5.short", .badData)
    /// A structure does not begin with its signature.
    public static let hdf5Structure = Self("hdf5.structure", .badData)
    /// A structure's checksum is not that of its bytes.
    public static let hdf5Checksum = Self("hdf5.checksum", .badData)
    /// A structure leads back to itself.
    public static let hdf5Cycle = Self("hdf5.cycle", .badData)
    /// One reading meets more metadata than the file can hold: structures overlap.
    public static let hdf5Overlap = Self("hdf5.overlap", .badData)
    /// An object header that contradicts itself, or lacks a message that its kind must have.
    public static let hdf5ObjectHeader = Self("hdf5.objectHeader", .badData)
    /// A malformed dataspace.
    public static let hdf5Dataspace = Self("hdf5.dataspace", .badData)
    /// A malformed datatype.
    public static let hdf5Datatype = Self("hdf5.datatype", .badData)
    /// A malformed layout or fill value, or one that does not fit shape and type.
    public static let hdf5Layout = Self("hdf5.layout", .badData)
    /// A malformed link, or a name that stands twice.
    public static let hdf5Link = Self("hdf5.link", .badData)
    /// A malformed attribute.
    public static let hdf5Attribute = Self("hdf5.attribute", .badData)
    /// A malformed group index: B-tree, symbol node, local heap.
    public static let hdf5Group = Self("hdf5.group", .badData)
    /// A malformed B-tree of version 2.
    public static let hdf5BTree = Self("hdf5.btree", .badData)
    /// A malformed fractal or global heap, or an object that is not in it.
    public static let hdf5Heap = Self("hdf5.heap", .badData)
    /// A malformed chunk index, or a chunk that is not the size that it must be.
    public static let hdf5Chunk = Self("hdf5.chunk", .badData)
    /// A malformed filter pipeline.
    public static let hdf5Pipeline = Self("hdf5.pipeline", .badData)
    /// A damaged deflate stream.
    public static let hdf5Deflate = Self("hdf5.deflate", .badData)
    /// A chunk's Fletcher checksum is not that of its bytes.
    public static let hdf5Fletcher = Self("hdf5.fletcher", .badData)
    /// A size that the file claims and that its bytes cannot make.
    public static let hdf5SizeBomb = Self("hdf5.sizeBomb", .badData)
    /// The attributes or groups that Keras writes are missing or contradict each other.
    public static let hdf5Keras = Self("hdf5.keras", .badData)

    /// A version of a structure, or a kind of it, that this reader does not know.
    public static let hdf5Version = Self("hdf5.version", .unsupported)
    /// Elements that are no plain numbers or strings.
    public static let hdf5Type = Self("hdf5.type", .unsupported)
    /// A message shared between objects, as committed datatypes are.
    public static let hdf5Shared = Self("hdf5.shared", .unsupported)
    /// A filter other than deflate, shuffle and fletcher32.
    public static let hdf5Filter = Self("hdf5.filter", .unsupported)
    /// A chunk index that this reader does not know.
    public static let hdf5ChunkIndex = Self("hdf5.chunkIndex", .unsupported)
    /// Data that lie in other files: refused, whoever could read them.
    public static let hdf5ExternalStorage = Self("hdf5.externalStorage", .unsupported)
    /// Data put together from other datasets: refused.
    public static let hdf5VirtualStorage = Self("hdf5.virtualStorage", .unsupported)
    /// A soft, external or user-defined link: listed, never followed.
    public static let hdf5LinkRefused = Self("hdf5.linkRefused", .unsupported)
}

extension SwiftletError {
    /// What is well formed and beyond this reader, though perhaps not beyond libhdf5.
    static func beyond(_ code: Code, _ reason: String, at place: String? = nil) -> SwiftletError {
        SwiftletError(code, reason, at: place, hint: "--via-libhdf5 reads it with the C library")
    }
}
