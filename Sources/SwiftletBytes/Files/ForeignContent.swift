extension SwiftletError.Code {
    /// The bytes of a file are not what its name says: a pointer, a web page, an archive.
    public static let foreignContent = Self("file.content", .badData)
}

/// What stands in the place of a file of a model when a download, a clone or a compression went
/// wrong, recognized by its first bytes.
package enum ForeignContent: Sendable, Equatable {
    /// No bytes at all.
    case empty
    /// A text that stands for a file in large-file storage (Git LFS), with the file's size.
    case pointer(size: Int?)
    /// A page of the web, as servers send for errors and sign-in.
    case page
    /// A text in which a server refuses the file.
    case refusal(String)
    /// A file compressed as a whole.
    case compressed(name: String, tool: String)
    /// An archive that has to be unpacked.
    case archive(name: String, tool: String)

    /// Recognizes the beginning of a file; nil for anything else.
    ///
    /// - Parameter view: the whole file.
    package init?(_ view: ByteView) {
        let front = view[0..<min(view.count, 512)].copy()
        if front.isEmpty {
            self = .empty
            return
        }
        if front.starts(with: Self.pointerStart) {
            self = .pointer(size: Self.pointerSize(front))
            return
        }
        if let found = Self.magics.first(where: { front.starts(with: $0.magic) }) {
            self = found.content
            return
        }
        if let name = Self.tarEntry(front) {
            self = .archive(name: "a tar archive, of \(name) first", tool: "tar -xf")
            return
        }
        let text = front.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
            .prefix(16).map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        if Self.pageStarts.contains(where: { text.starts(with: $0) }) {
            self = .page
            return
        }
        // What the Hub answers instead of a file that is gated, private or not there.
        for refusal in Self.refusals where view.count < 4096 && front.starts(with: refusal.utf8) {
            self = .refusal(refusal)
            return
        }
        return nil
    }

    /// Throws what a file's bytes are, if they are one of these.
    ///
    /// - Parameters:
    ///   - view: the whole file.
    ///   - file: the path, for the error.
    /// - Throws: ``SwiftletError/Code/foreignContent``.
    package static func refuse(_ view: ByteView, file: String? = nil) throws(SwiftletError) {
        guard let content = ForeignContent(view) else { return }
        throw SwiftletError(
            .foreignContent, file: file, content.sentence, hint: content.hint)
    }

    /// What the file is, as the rest of a sentence that begins with its name.
    private var sentence: String {
        switch self {
        case .empty: "is empty"
        case .pointer(let size?):
            "is a Git LFS pointer, a text that stands for a file of \(size) bytes"
        case .pointer(nil): "is a Git LFS pointer, a text that stands for the file"
        case .page: "is a web page (HTML), not the file that its name says"
        case .refusal(let text): "is the answer of a server, \"\(text)\", not the file"
        case .compressed(let name, _): "is compressed with \(name)"
        case .archive(let name, _): "is \(name)"
        }
    }

    /// What to do about it.
    private var hint: String {
        switch self {
        case .empty, .page, .refusal:
            "download the file again, for example with swiftlet pull"
        case .pointer:
            "git lfs pull in the repository's folder gets the file, and so does swiftlet pull"
        case .compressed(_, let tool), .archive(_, let tool):
            "unpack it first, for example with \(tool)"
        }
    }

    private static let pointerStart = Array("version https://git-lfs.github.com/spec/".utf8)

    private static let pageStarts = ["<!doctype", "<html", "<head", "<?xml", "<error>"]
        .map { Array($0.utf8) }

    private static let refusals = [
        "Access to model", "Invalid username or password.", "Repository not found",
        "Entry not found", "Not Found", "Unauthorized", "Forbidden",
    ]

    private static let magics: [(magic: [UInt8], content: ForeignContent)] = [
        ([0x1F, 0x8B], .compressed(name: "gzip", tool: "gzip -d")),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .compressed(name: "xz", tool: "xz -d")),
        ([0x28, 0xB5, 0x2F, 0xFD], .compressed(name: "zstd", tool: "zstd -d")),
        (Array("BZh91AY&SY".utf8), .compressed(name: "bzip2", tool: "bzip2 -d")),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .archive(name: "a 7z archive", tool: "7z x")),
        ([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], .archive(name: "a RAR archive", tool: "unrar x")),
    ]

    /// The first file of a tar archive; nil for anything else, and for the archives that PyTorch itself
    /// once wrote.
    private static func tarEntry(_ front: [UInt8]) -> String? {
        guard front.count == 512, front[257..<262].elementsEqual("ustar".utf8) else { return nil }
        let name = String(decoding: front[..<100].prefix { $0 != 0 }, as: UTF8.self)
        return ["sys_info", "pickle", "storages", "tensors"].contains(name) ? nil : "\"\(name)\""
    }

    /// The size that a pointer states: a line `size N`.
    private static func pointerSize(_ front: [UInt8]) -> Int? {
        let lines = String(decoding: front, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("size ") }.flatMap { Int($0.dropFirst(5)) }
    }
}
