import SwiftletBytes

// One code per check. formats/hdf5.md defines each check.
extension SwiftletError.Code {
    /// The file has no HDF5 signature at 0, 512, 1024 or any later power of two.
    public static let hdf5Signature = Self("hdf5.signature", .badData)
    /// The superblock is inconsistent or contradicts the file.
    public static let hdf5Superblock = Self("hdf5.superblock", .badData)
    /// The file is shorter than its superblock declares.
    public static let hdf5Truncated = Self("hdf5.truncated", .badData)
    /// An address or a length is outside the file.
    public static let hdf5Address = Self("hdf5.address", .badData)
    /// A structure ends before its fields do.
    public static let hdf5Short = Self("hdf5.short", .badData)
    /// A structure does not begin with its signature.
    public static let hdf5Structure = Self("hdf5.structure", .badData)
    /// The checksum of a structure does not match.
    public static let hdf5Checksum = Self("hdf5.checksum", .badData)
    /// A structure refers back to itself.
    public static let hdf5Cycle = Self("hdf5.cycle", .badData)
    /// One access reads more metadata than the file can hold, so structures must overlap.
    public static let hdf5Overlap = Self("hdf5.overlap", .badData)
    /// An object header is inconsistent, or lacks a required message.
    public static let hdf5ObjectHeader = Self("hdf5.objectHeader", .badData)
    /// A dataspace is malformed.
    public static let hdf5Dataspace = Self("hdf5.dataspace", .badData)
    /// A datatype is malformed.
    public static let hdf5Datatype = Self("hdf5.datatype", .badData)
    /// A layout or fill value is malformed, or does not match the shape and type.
    public static let hdf5Layout = Self("hdf5.layout", .badData)
    /// A link is malformed or a duplicate.
    public static let hdf5Link = Self("hdf5.link", .badData)
    /// An attribute is malformed or a duplicate.
    public static let hdf5Attribute = Self("hdf5.attribute", .badData)
    /// A group index is malformed: B-tree, symbol node or local heap.
    public static let hdf5Group = Self("hdf5.group", .badData)
    /// A version 2 B-tree is malformed.
    public static let hdf5BTree = Self("hdf5.btree", .badData)
    /// A fractal or global heap is malformed, or lacks an object.
    public static let hdf5Heap = Self("hdf5.heap", .badData)
    /// A chunk index is malformed, or a chunk has the wrong size.
    public static let hdf5Chunk = Self("hdf5.chunk", .badData)
    /// A filter pipeline is malformed.
    public static let hdf5Pipeline = Self("hdf5.pipeline", .badData)
    /// A deflate stream is damaged.
    public static let hdf5Deflate = Self("hdf5.deflate", .badData)
    /// The Fletcher checksum of a chunk does not match.
    public static let hdf5Fletcher = Self("hdf5.fletcher", .badData)
    /// The file claims a size that its stored bytes cannot justify.
    public static let hdf5SizeBomb = Self("hdf5.sizeBomb", .badData)
    /// The attributes or groups that Keras writes are missing or inconsistent.
    public static let hdf5Keras = Self("hdf5.keras", .badData)

    /// The version or kind of a structure is unknown.
    public static let hdf5Version = Self("hdf5.version", .unsupported)
    /// The elements are numbers of an unsupported form, or an attribute has neither numbers nor strings.
    public static let hdf5Type = Self("hdf5.type", .unsupported)
    /// The elements of a dataset are not plain numbers: strings, compounds, references, opaque bytes.
    public static let hdf5NotNumbers = Self("hdf5.notNumbers", .unsupported)
    /// A message is shared between objects, as for committed datatypes.
    public static let hdf5Shared = Self("hdf5.shared", .unsupported)
    /// A filter is not deflate, shuffle or fletcher32.
    public static let hdf5Filter = Self("hdf5.filter", .unsupported)
    /// The kind of chunk index is not supported.
    public static let hdf5ChunkIndex = Self("hdf5.chunkIndex", .unsupported)
    /// The data are in other files, which is refused by both readers.
    public static let hdf5ExternalStorage = Self("hdf5.externalStorage", .unsupported)
    /// The data are in other datasets, which is refused by both readers.
    public static let hdf5VirtualStorage = Self("hdf5.virtualStorage", .unsupported)
    /// A soft, external or user-defined link would have to be followed.
    public static let hdf5LinkRefused = Self("hdf5.linkRefused", .unsupported)
}

extension SwiftletError {
    /// An error for well-formed contents that this reader does not support, but libhdf5 might.
    static func unsupported(
        _ code: Code, _ reason: String, at place: String? = nil
    ) -> SwiftletError {
        SwiftletError(
            code, reason, at: place,
            hint: "inspect, convert and diff read it with the C library, given --via-libhdf5")
    }
}
