import CSwiftletHDF5
import SwiftletBytes

/// An HDF5 file that its user trusts, read by the C library: what the library can read and Swiftlet's
/// own reader cannot, such as other filters. The library crashes on some hostile files.
///
/// Links out of the file, external and virtual storage are refused here too.
public final class TrustedHDF5File: Sendable {
    /// The path, as the user named it.
    public let path: String

    // Used by one call at a time, under the library's lock.
    private nonisolated(unsafe) let file: OpaquePointer

    /// Opens a file.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LibraryMissing``,
    ///   ``SwiftletError/Code/hdf5LibraryFailed``.
    public init(path: String) throws(SwiftletError) {
        self.path = path
        var file: OpaquePointer?
        try HDF5Library.call(.hdf5LibraryFailed, file: path) { message in
            swiftlet_hdf5_open(path, &file, message)
        }
        guard let file else {
            throw SwiftletError(.hdf5LibraryFailed, file: path, "libhdf5 gave no file")
        }
        self.file = file
    }

    deinit { HDF5Library.release { swiftlet_hdf5_close(file) } }

    /// The arrays, depth first by name, under their paths from the root; their bytes are read when
    /// they are asked for.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LibraryFailed`` for what holds no plain numbers, too.
    public func tensors() throws(SwiftletError) -> [StoredTensor] {
        var found: [Found] = []
        try HDF5Library.call(.hdf5LibraryFailed, file: path) { message in
            withUnsafeMutablePointer(to: &found) { found in
                swiftlet_hdf5_visit(file, Self.visitor, found, message)
            }
        }
        var tensors: [StoredTensor] = []
        for (name, type, lengths, stored) in found {
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
        return tensors
    }

    private typealias Found = (
        path: String, type: swiftlet_hdf5_type, shape: [UInt64], stored: UInt64
    )

    /// The most bytes of memory that stored bytes may ask for: filters exist that do better than
    /// deflate, but not on weights.
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

    /// The texts of an attribute; nil if there is none of that name.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LibraryFailed`` if it is no list of texts.
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
