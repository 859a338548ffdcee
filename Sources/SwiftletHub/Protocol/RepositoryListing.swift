import SwiftletBytes

/// All files of a repository at one commit.
struct RepositoryListing {
    /// The files, sorted by path.
    let files: [RepositoryFile]

    /// More files than a model repository has.
    private static let limit = 1_000_000

    /// Checks that the files can be stored in one folder.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubPath``.
    init(_ files: [RepositoryFile]) throws(SwiftletError) {
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        // By bytes, as file systems compare names.
        var paths: Set<[UInt8]> = []
        for file in files where !paths.insert(Array(file.path.utf8)).inserted {
            throw SwiftletError(.hubPath, "the repository lists \"\(file.path)\" twice")
        }
        for file in files {
            let bytes = Array(file.path.utf8)
            for end in bytes.indices
            where bytes[end] == UInt8(ascii: "/") && paths.contains(Array(bytes[..<end])) {
                throw SwiftletError(
                    .hubPath, "the repository lists \"\(file.path)\", whose folder is a file")
            }
        }
    }

    /// Adds the files of one page of a listing.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubAnswer``, and the errors of entries and of JSON.
    static func add(page: [UInt8], to files: inout [RepositoryFile]) throws(SwiftletError) {
        var reader = JSONReader(ByteView(page))
        do throws(SwiftletError) {
            try reader.beginArray()
            while try reader.nextElement() {
                let entry = try JSONValue(&reader)
                if let file = try RepositoryFile(entry) { files.append(file) }
                guard files.count <= limit else {
                    throw SwiftletError(.hubAnswer, "the listing has more than \(limit) files")
                }
            }
            try reader.finish()
        } catch {
            throw error.at("listing of files")
        }
    }
}
