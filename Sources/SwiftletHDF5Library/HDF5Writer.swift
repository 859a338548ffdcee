import CSwiftletHDF5
import SwiftletBytes

/// Writes an HDF5 file piece by piece, so that no array needs to be in memory.
///
/// The C library lays the file out; the bytes then go to their places in the declared order. Arrays
/// are contiguous, little-endian and 64-aligned, so that readers can use them where they lie. The
/// same input gives the same bytes (of one version of the library). BF16 is written as Keras 3
/// writes it, two opaque bytes with the attribute `dtype = "bfloat16"`; BOOL as h5py does.
///
/// The file appears at ``commit()``, whole; a writer that is dropped before leaves nothing.
public final class HDF5Writer {
    /// An array to be: the path from the root, without a slash in front; a type; a shape.
    public typealias Declaration = (name: String, dtype: DType, shape: [Int])

    /// An attribute to be: one text, or a list of them.
    public struct Attribute: Sendable {
        /// The path of the group; "/" for the root.
        public var group: String
        /// The name.
        public var name: String
        /// The texts, without NUL; one if this is no list.
        public var texts: [String]
        /// Whether this is a list.
        public var isList: Bool

        /// An attribute that is a text.
        public init(_ name: String, of group: String = "/", text: String) {
            (self.group, self.name, texts, isList) = (group, name, [text], false)
        }

        /// An attribute that is a list of texts.
        public init(_ name: String, of group: String = "/", list: [String]) {
            (self.group, self.name, texts, isList) = (group, name, list, true)
        }
    }

    /// The path that the file will have.
    public let path: String
    /// The bytes written so far.
    public private(set) var byteCount = 0

    private let output: AtomicFile
    private let places: [(name: String, offset: Int, byteCount: Int)]
    private var current = 0
    private var written = 0

    /// Creates the temporary file and lays it out.
    ///
    /// - Parameters:
    ///   - path: the final path; its folder must exist.
    ///   - arrays: what will be written, in the order in which it will come.
    ///   - attributes: of groups; a group that holds no array is made.
    /// - Throws: ``SwiftletError/Code/hdf5LibraryMissing``; ``SwiftletError/Code/hdf5Writer`` for
    ///   dtypes that HDF5 has no form of and names that make no paths; the errors of `AtomicFile`.
    public init(
        path: String, arrays: [Declaration], attributes: [Attribute] = []
    ) throws(SwiftletError) {
        self.path = path
        let layout = try HDF5Layout(arrays, attributes, path: path)
        let output = try AtomicFile(path: path)
        let offsets = try output.withTemporary { (temporary) throws(SwiftletError) in
            try layout.write(to: temporary)
        }
        self.output = output
        places = zip(arrays, offsets).map { array, offset in
            let elements = StoredTensor.elementCount(of: array.shape) ?? 0
            return (array.name, offset, array.dtype.byteCount(elements: elements) ?? 0)
        }
        try goToNextArray()
    }

    /// Appends the next bytes of the current array, the first declared one that is not full.
    ///
    /// - Parameter piece: not more than the array lacks.
    /// - Throws: ``SwiftletError/Code/defect`` for other bytes than were declared, and the errors of
    ///   `AtomicFile`.
    public func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard piece.count > 0 else { return }
        guard current < places.count, piece.count <= places[current].byteCount - written else {
            throw SwiftletError(.defect, file: path, "more bytes than were declared")
        }
        try output.write(piece)
        written += piece.count
        byteCount += piece.count
        if written == places[current].byteCount {
            current += 1
            written = 0
            try goToNextArray()
        }
    }

    /// Appends the next bytes of the current array.
    public func write(_ view: ByteView) throws(SwiftletError) {
        try view.withUnsafeBytes { (bytes) throws(SwiftletError) in try write(bytes) }
    }

    /// Makes the file durable and puts it in its place.
    ///
    /// - Throws: ``SwiftletError/Code/defect`` if an array lacks bytes, and the errors of
    ///   `AtomicFile`.
    public func commit() throws(SwiftletError) {
        guard current == places.count else {
            throw SwiftletError(
                .defect, file: path, "an array lacks bytes", at: "\"\(places[current].name)\"")
        }
        try output.commit()
        if case .file(let size) = FileSystem.entry(path) { byteCount = size }
    }

    private func goToNextArray() throws(SwiftletError) {
        while current < places.count, places[current].byteCount == 0 { current += 1 }
        if current < places.count { try output.seek(to: places[current].offset) }
    }
}
