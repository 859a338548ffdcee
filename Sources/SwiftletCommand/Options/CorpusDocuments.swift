import SwiftletBytes

/// Splits a corpus into documents, at the first line end after every 16 KB.
enum CorpusDocuments {
    static let size = 16 << 10

    static func cut(_ corpus: ByteView) -> [ByteView] {
        corpus.withUnsafeBytes { bytes in
            var documents: [ByteView] = []
            var start = 0
            while start < bytes.count {
                // In bounds: `from` is at most the end, where the search finds nothing.
                let from = min(start + size, bytes.count)
                let end = bytes[from...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
                documents.append(corpus[start..<end])
                start = end
            }
            return documents
        }
    }
}
