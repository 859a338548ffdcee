import CSwiftletHDF5
import SwiftletBytes

/// Writes an HDF5 file piece by piece, so that no array needs to be in memory as a whole.
///
/// The C library creates the structures of the file; the elements are then written in the order of
/// declaration. Arrays are contiguous, little-endian and aligned to 64 bytes, so that readers can
/// use them in place. With the same version of the library, the same input gives the same bytes.
/// BF16 is written as Keras 3 does, as two opaque bytes with the attribute `dtype = "bfloat16"`;
/// BOOL as h5py does.
///
/// The complete file appears at ``commit()``; a writer that is released before leaves nothing.
public final class HDF5Writer {
    /// An array to be written: the path from the root without a leading slash, the type and shape.
    public typealias Declaration = (name: String, dtype: DType, shape: [Int])

    /// An attribute to be written: a string or a list of strings.
    public struct Attribute: Sendable {
        /// The path of the group; "/" for the root.
        public var group: String
        /// The name.
        public var name: String
        /// The strings, which must not contain NUL; exactly one if this is not a list.
        public var texts: [String]
        /// Whether this is a list.
        public var isList: Bool

        /// Creates an attribute that is a single string.
        public init(_ name: String, of group: String = "/", text: String) {
            (self.group, self.name, texts, isList) = (group, name, [text], false)
        }

        /// Creates an attribute that is a list of strings.
        public init(_ name: String, of group: String = "/", list: [String]) {
            (self.group, self.name, texts, isList) = (group, name, list, true)
        }
    }

    /// The final path of the file.
    public let path: String
    /// The number of element bytes written so far; after ``commit()``, the size of the file.
    public private(set) var byteCount = 0

    private let output: AtomicFile
    private let places: [(name: String, offset: Int, byteCount: Int)]
    private var current = 0
    private var written = 0

    /// Creates the temporary file with its structures.
    ///
    /// - Parameters:
    ///   - path: The final path; its folder must exist.
    ///   - arrays: The arrays, in the order in which their elements will be written.
    ///   - attributes: The attributes of groups. Groups without arrays are created.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryMissing``;
    ///   ``SwiftletBytes/SwiftletError/Code/hdf5Writer`` if HDF5 cannot store a dtype or a name is
    ///   not a path; an error of `AtomicFile`.
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

    /// Appends bytes to the current array, the first declared one that is not complete.
    ///
    /// - Parameter piece: At most as many bytes as the array still lacks.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/defect`` if there are more, or an error of
    ///   `AtomicFile`.
    public func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard piece.count > 0 else { return }
        guard current < places.count, piece.count <= places[current].byteCount - written else {
            throw SwiftletError(.defect, file: path, "more bytes written than declared")
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

    /// Appends bytes to the current array.
    public func write(_ view: ByteView) throws(SwiftletError) {
        try view.withUnsafeBytes { (bytes) throws(SwiftletError) in try write(bytes) }
    }

    /// Syncs the file to disk and renames it to its final path.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/defect`` if an array is incomplete, or an
    ///   error of `AtomicFile`.
    public func commit() throws(SwiftletError) {
        guard current == places.count else {
            throw SwiftletError(
                .defect, file: path, "the array is incomplete", at: "\"\(places[current].name)\"")
        }
        try output.commit()
        if case .file(let size) = FileSystem.entry(path) { byteCount = size }
    }

    private func goToNextArray() throws(SwiftletError) {
        while current < places.count, places[current].byteCount == 0 { current += 1 }
        if current < places.count { try output.seek(to: places[current].offset) }
    }
}
