import CSwiftletHDF5
import SwiftletBytes
import Synchronization

extension SwiftletError.Code {
    /// The C library of HDF5 is not installed or too old.
    public static let hdf5LibraryMissing = Self("hdf5.libraryMissing", .unsupported)
    /// The C library of HDF5 cannot read a file.
    public static let hdf5LibraryFailed = Self("hdf5.library", .badData)
    /// HDF5 cannot store the given names, dtypes or sizes.
    public static let hdf5Writer = Self("hdf5.writer", .unsupported)
}

/// The C library of HDF5 (1.10 or later), which is loaded on first use, so that programs that do
/// not use it run without it.
///
/// It is not reentrant, so calls are made one at a time.
enum HDF5Library {
    private static let turn = Mutex<Void>(())

    /// Calls a function of the library while no other call is in progress.
    ///
    /// - Parameters:
    ///   - code: The code of the error to throw if the function fails.
    ///   - file: The path reported in errors.
    ///   - body: Calls the function and returns its result, which is negative for a failure.
    /// - Returns: The result of the function.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LibraryMissing``, or `code` with the
    ///   library's message.
    @discardableResult
    static func call(
        _ code: SwiftletError.Code, file: String,
        _ body: (UnsafeMutablePointer<swiftlet_hdf5_message>) -> Int32
    ) throws(SwiftletError) -> Int32 {
        try turn.withLock { (_) throws(SwiftletError) in
            var message = swiftlet_hdf5_message()
            guard swiftlet_hdf5_load(&message) == 0 else {
                throw SwiftletError(
                    .hdf5LibraryMissing, file: file, text(of: message),
                    hint: "install libhdf5 (Debian: libhdf5-103-1, Homebrew: hdf5)")
            }
            let status = body(&message)
            guard status >= 0 else {
                let isDisk = status == Int32(SWIFTLET_HDF5_DISK)
                throw SwiftletError(isDisk ? .writeFailed : code, file: file, text(of: message))
            }
            return status
        }
    }

    /// Calls a function of the library that releases something and cannot fail.
    static func release(_ body: () -> Void) { turn.withLock { _ in body() } }

    private static func text(of message: swiftlet_hdf5_message) -> String {
        withUnsafeBytes(of: message.text) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension DType {
    /// The corresponding type in the library, or nil if HDF5 cannot store this type.
    var hdf5: swiftlet_hdf5_type? {
        switch self {
        case .f16: SWIFTLET_HDF5_F16
        case .f32: SWIFTLET_HDF5_F32
        case .f64: SWIFTLET_HDF5_F64
        case .bf16: SWIFTLET_HDF5_BF16
        case .i8: SWIFTLET_HDF5_I8
        case .i16: SWIFTLET_HDF5_I16
        case .i32: SWIFTLET_HDF5_I32
        case .i64: SWIFTLET_HDF5_I64
        case .u8: SWIFTLET_HDF5_U8
        case .u16: SWIFTLET_HDF5_U16
        case .u32: SWIFTLET_HDF5_U32
        case .u64: SWIFTLET_HDF5_U64
        case .bool: SWIFTLET_HDF5_BOOL
        default: nil
        }
    }

    /// Creates the dtype that corresponds to a type in the library.
    init?(hdf5 type: swiftlet_hdf5_type) {
        guard let match = DType.allCases.first(where: { $0.hdf5 == type }) else { return nil }
        self = match
    }
}
