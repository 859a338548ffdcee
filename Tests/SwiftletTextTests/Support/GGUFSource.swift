import SwiftletBytes
import SwiftletGGUF
import _SwiftletTestSupport

/// The metadata of a file of `fixtures/gguf-tokenizers`, to be changed.
struct GGUFSource {
    private let name: String
    private var changes: [(key: String, field: GGUFField?)] = []

    init(_ name: String) { self.name = name }

    /// The same with other values for keys.
    func adding(_ fields: [(key: String, field: GGUFField)]) -> GGUFSource {
        var source = self
        source.changes += fields.map { ($0.key, $0.field) }
        return source
    }

    /// The same without a key.
    func removing(_ key: String) -> GGUFSource {
        var source = self
        source.changes.append((key, nil))
        return source
    }

    /// Writes a file.
    func write(_ path: String) throws {
        var fields = try GGUFFile(path: TestFiles.fixture("gguf-tokenizers/\(name).gguf")).fields
        for change in changes {
            fields.removeAll { $0.key == change.key }
            if let field = change.field { fields.append((change.key, field)) }
        }
        let writer = try GGUFWriter(path: path, tensors: [], metadata: fields)
        try writer.commit()
    }

    /// Writes a file and reads it.
    func file() throws -> GGUFFile {
        let folder = try TestFiles.temporaryFolder()
        try write(folder.file("x.gguf"))
        // The file stays mapped when the folder is removed.
        return try GGUFFile(path: folder.file("x.gguf"))
    }
}
