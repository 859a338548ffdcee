import SwiftletBytes

/// A safetensors file whose header has been checked.
///
/// The tensors are views into the mapped file; opening it reads the header and no tensor data.
///
/// ```swift
/// let file = try SafetensorsFile(path: "model.safetensors")
/// if let tensor = file["wte.weight"] {
///     print(try tensor.withFloats { $0.reduce(0, +) / Float($0.count) })   // the mean
/// }
/// ```
public struct SafetensorsFile: Sendable {
    /// The path as given by the user.
    public let path: String
    /// The entries of `__metadata__` in file order.
    public let metadataPairs: [(key: String, value: String)]
    /// The tensors in the order of their data.
    public let tensors: [StoredTensor]

    /// Positions by the UTF-8 bytes of the name; `String` compares by canonical equivalence.
    private let index: [[UInt8]: Int]

    /// Maps a file and checks its header.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with a `safetensors.…` code if the file is
    ///   malformed, or an error of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Checks the header of a file that is already in memory.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - path: The path reported in errors and by the tensors.
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with a `safetensors.…` code if the file is
    ///   malformed.
    public init(view: ByteView, path: String = "memory") throws(SwiftletError) {
        self.path = path
        let header = try SafetensorsHeader(view, file: path)
        metadataPairs = header.metadata
        tensors = try header.tensors(in: view, file: path)
        var index: [[UInt8]: Int] = [:]
        index.reserveCapacity(tensors.count)
        for (position, tensor) in tensors.enumerated() {
            index[Array(tensor.name.utf8)] = position
        }
        self.index = index
    }

    /// The entries of `__metadata__` as a dictionary; empty if the file has none.
    public var metadata: [String: String] {
        Dictionary(metadataPairs.map { ($0.key, $0.value) }) { _, last in last }
    }

    /// The tensor with the given name, compared byte for byte, or nil if there is no such tensor.
    public subscript(name: String) -> StoredTensor? {
        index[Array(name.utf8)].map { tensors[$0] }
    }
}
