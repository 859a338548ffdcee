import SwiftletBytes

/// A safetensors file, opened and checked: the tensors are views into the map, and no byte of
/// theirs has been read.
///
/// ```swift
/// let file = try SafetensorsFile(path: "model.safetensors")
/// if let tensor = file["wte.weight"] {
///     print(try tensor.withFloats { $0.reduce(0, +) / Float($0.count) })   // the mean
/// }
/// ```
public struct SafetensorsFile: Sendable {
    /// The path, as the user named it.
    public let path: String
    /// The pairs of `__metadata__` in the order of the file.
    public let metadataPairs: [(key: String, value: String)]
    /// The tensors in the order of their bytes.
    public let tensors: [StoredTensor]

    /// Positions by the UTF-8 bytes of the name: to String, two spellings of a letter are equal.
    private let index: [[UInt8]: Int]

    /// Opens and checks a file.
    ///
    /// - Throws: ``SwiftletError`` with a code of `safetensors.…` for a file that the reference
    ///   refuses too, and those of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Checks a file whose bytes are at hand.
    ///
    /// - Parameters:
    ///   - view: the whole file.
    ///   - path: named in errors and in the tensors.
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

    /// `__metadata__`; empty if there is none.
    public var metadata: [String: String] {
        Dictionary(metadataPairs.map { ($0.key, $0.value) }) { _, last in last }
    }

    /// The tensor of that name, byte for byte; nil if there is none.
    public subscript(name: String) -> StoredTensor? {
        index[Array(name.utf8)].map { tensors[$0] }
    }
}
