import SwiftletBytes

/// The names in a zip, read without any of the checks of ``ZipArchive``, to say what a zip is that
/// `torch.save` did not write.
enum ZipListing {
    /// The endings of files that a model consists of.
    private static let endings = [
        ".bin", ".pt", ".pth", ".safetensors", ".h5", ".gguf", ".json", ".model", ".zip",
    ]

    /// The first file of a model that a zip holds; nil for an archive of `torch.save`, and where
    /// nothing can be listed.
    static func file(in view: ByteView) -> String? {
        guard let directory = try? ZipDirectory(of: view) else { return nil }
        var offset = directory.range.lowerBound
        var found: String?
        // Each step moves forward by a whole entry, so the loop ends with the directory.
        while offset < directory.range.upperBound {
            guard let nameLength: UInt16 = view.number(at: offset + 28),
                let extraLength: UInt16 = view.number(at: offset + 30),
                let commentLength: UInt16 = view.number(at: offset + 32),
                let name = view.checkedSlice(
                    offset: offset + ZipEntry.centralBytes, count: Int(nameLength))
            else { break }
            let text = String(decoding: name.copy(), as: UTF8.self)
            // Every archive of torch.save has this record.
            if text.hasSuffix("/data.pkl") || text == "data.pkl" { return nil }
            if found == nil, endings.contains(where: { text.hasSuffix($0) }) { found = text }
            offset +=
                ZipEntry.centralBytes + Int(nameLength) + Int(extraLength)
                + Int(commentLength)
        }
        return found
    }
}
