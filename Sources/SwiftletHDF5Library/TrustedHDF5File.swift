import CSwiftletHDF5
import SwiftletBytes

/// A trusted HDF5 file, read by the C library.
///
/// The library supports contents that Swiftlet's own reader does not, such as other filters, but
/// crashes on some hostile files. Links out of the file, external storage and virtual datasets are
/// refused here too.
public final class TrustedHDF5File: Sendable {
    /// The path as given by the user.
    public let path: String

    // Used by one call at a time, under the lock of the library.
    private nonisolated(unsafe) let file: OpaquePointer

    /// Opens a file.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryMissing``,
    ///   ``SwiftletBytes/SwiftletError/Code/hdf5LibraryFailed``.
    public init(path: String) throws(SwiftletError) {
        self.path = path
        var file: OpaquePointer?
        try HDF5Library.call(.hdf5LibraryFailed, file: path) { message in
            swiftlet_hdf5_open(path, &file, message)
        }
        guard let file else {
            throw SwiftletError(.hdf5LibraryFailed, file: path, "libhdf5 returned no file")
        }
        self.file = file
    }

    deinit { HDF5Library.release { swiftlet_hdf5_close(file) } }

    /// Returns all arrays, named by their paths from the root.
    ///
    /// - Returns: The arrays, depth first and sorted by name. Their bytes are read on access.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryFailed`` if the library cannot read
    ///   the file, or an array does not hold plain numbers.
    public func tensors() throws(SwiftletError) -> [StoredTensor] {
        let contents = try contents()
        if let other = contents.others.first {
            throw SwiftletError(
                .hdf5LibraryFailed, file: path, "\"\(other)\" does not hold plain numbers")
        }
        return contents.tensors
    }

    /// Returns all arrays, as ``tensors()`` does, and the paths of the datasets that hold no numbers.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryFailed`` if the library cannot read
    ///   the file, or has no type for its numbers.
    package func contents() throws(SwiftletError) -> (tensors: [StoredTensor], others: [String]) {
        var found: [Found] = []
        try HDF5Library.call(.hdf5LibraryFailed, file: path) { message in
            withUnsafeMutablePointer(to: &found) { found in
                swiftlet_hdf5_visit(file, Self.visitor, found, message)
            }
        }
        var tensors: [StoredTensor] = []
        var others: [String] = []
        for (name, type, lengths, stored) in found {
            if type == SWIFTLET_HDF5_NO_NUMBERS {
                others.append(name)
                continue
            }
            let shape = lengths.map { Int(clamping: $0) }
            guard let dtype = DType(hdf5: type),
                let count = StoredTensor.elementCount(of: shape),
                let size = dtype.byteCount(elements: count), size <= Self.limit(stored: stored)
            else {
                throw SwiftletError(
                    .hdf5LibraryFailed, file: path,
                    "the shape \(lengths) cannot come from \(stored) stored bytes",
                    at: "\"\(name)\"")
            }
            tensors.append(
                StoredTensor(name: name, dtype: dtype, shape: shape, file: path) {
                    () throws(SwiftletError) in
                    try ByteView(count: size) { (target) throws(SwiftletError) in
                        try self.read(name, into: target)
                    }
                })
        }
        return (tensors, others)
    }

    private typealias Found = (
        path: String, type: swiftlet_hdf5_type, shape: [UInt64], stored: UInt64
    )

    /// The maximum number of bytes that may be allocated for `stored` bytes.
    ///
    /// Some filters compress more than deflate, but not weights.
    private static func limit(stored: UInt64) -> Int {
        let (product, overflow) = stored.multipliedReportingOverflow(by: 4096)
        return max(1 << 24, overflow ? 1 << 47 : Int(clamping: min(product, 1 << 47)))
    }

    private static let visitor: swiftlet_hdf5_visitor = {
        context, path, type, rank, shape, stored in
        guard let context, let path else { return -1 }
        let found = context.assumingMemoryBound(to: [Found].self)
        let lengths = UnsafeBufferPointer(start: shape, count: Int(rank))
        found.pointee.append((String(cString: path), type, Array(lengths), stored))
        return 0
    }

    private func read(
        _ name: String, into target: UnsafeMutableRawBufferPointer
    ) throws(SwiftletError) {
        try HDF5Library.call(.hdf5LibraryFailed, file: path) { message in
            swiftlet_hdf5_read(file, name, target.baseAddress, target.count, message)
        }
    }

    /// Returns the strings of an attribute.
    ///
    /// - Parameters:
    ///   - name: The name of the attribute.
    ///   - object: The path of the group or dataset that has it.
    /// - Returns: The strings, or nil if there is no such attribute.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryFailed`` if the object does not
    ///   exist, or the attribute is not a list of strings.
    public func texts(
        _ name: String, of object: String = "/"
    ) throws(SwiftletError) -> [String]? {
        var texts: [String] = []
        let status = try HDF5Library.call(.hdf5LibraryFailed, file: path) { message in
            withUnsafeMutablePointer(to: &texts) { texts in
                swiftlet_hdf5_texts(file, object, name, Self.textVisitor, texts, message)
            }
        }
        return status == 1 ? nil : texts
    }

    private static let textVisitor: swiftlet_hdf5_text_visitor = { context, text, length in
        guard let context, let text else { return }
        let bytes = UnsafeRawBufferPointer(start: text, count: length)
        context.assumingMemoryBound(to: [String].self).pointee
            .append(String(decoding: bytes, as: UTF8.self))
    }
}
