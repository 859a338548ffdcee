import SwiftletBytes

/// A GGUF file whose header has been checked.
///
/// The tensors are views into the mapped file; opening it reads the header and no tensor data.
///
/// ```swift
/// let file = try GGUFFile(path: "model.gguf")
/// print(file.value("general.architecture")?.text ?? "unknown")
/// if let tensor = file["Q4_K"] {
///     print(tensor.dtype, tensor.shape, try tensor.widened().prefix(4))
/// }
/// ```
public struct GGUFFile: Sendable {
    /// The path as given by the user.
    public let path: String
    /// The version of the format: 2 or 3.
    public let version: Int
    /// The metadata in file order.
    public let metadata: [(key: String, value: GGUFValue)]
    /// The metadata in file order, with their exact kinds.
    public let fields: [(key: String, field: GGUFField)]
    /// The number of bytes of which the place of each tensor's data is a multiple.
    public let alignment: Int
    /// The tensors in file order.
    ///
    /// Their shapes have the slowest-varying dimension first: the reverse of the order in the file.
    public let tensors: [StoredTensor]

    /// Positions by the UTF-8 bytes of the key or name; `String` compares by canonical equivalence.
    private let fieldIndex: [[UInt8]: Int]
    private let tensorIndex: [[UInt8]: Int]

    /// Maps a file and checks its header.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with a `gguf.…` code if the file is malformed or needs
    ///   something that is not supported, or an error of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Checks the header of a file that is already in memory.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - path: The path reported in errors and by the tensors.
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with a `gguf.…` code if the file is malformed or needs
    ///   something that is not supported.
    public init(view: ByteView, path: String = "memory") throws(SwiftletError) {
        self.path = path
        let header = try GGUFHeader(view, file: path)
        version = header.version
        fields = header.fields
        metadata = header.fields.map { ($0.key, $0.field.value) }
        alignment = header.alignment
        tensors = try header.tensors(in: view, file: path)
        fieldIndex = Self.index(header.fields.lazy.map(\.key))
        tensorIndex = Self.index(header.entries.lazy.map(\.name))
    }

    /// Returns the metadata value of a key, compared byte for byte; nil if there is none.
    public func value(_ key: String) -> GGUFValue? { field(key)?.value }

    /// Returns the metadata value of a key with its kind; nil if there is none.
    public func field(_ key: String) -> GGUFField? {
        fieldIndex[Array(key.utf8)].map { fields[$0].field }
    }

    /// The tensor with the given name, compared byte for byte, or nil if there is no such tensor.
    public subscript(name: String) -> StoredTensor? {
        tensorIndex[Array(name.utf8)].map { tensors[$0] }
    }

    private static func index(_ names: some Sequence<String>) -> [[UInt8]: Int] {
        var index: [[UInt8]: Int] = [:]
        for (position, name) in names.enumerated() { index[Array(name.utf8)] = position }
        return index
    }
}
