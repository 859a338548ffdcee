import Foundation
import SwiftletBytes

/// A folder in memory for readers that take a path.
///
/// It is deleted when the process exits.
public struct ScratchFolder {
    /// The path of the folder.
    public let path: String

    /// Creates a new folder.
    public init() {
        let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        var template = Array("\(base)/swiftlet-fuzz-XXXXXX".utf8CString)
        require(mkdtemp(&template) != nil, "no scratch folder")
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.path = path
        Self.leftovers.append(path)
        if Self.leftovers.count == 1 {
            atexit {
                for path in ScratchFolder.leftovers {
                    try? FileManager.default.removeItem(atPath: path)
                }
            }
        }
    }

    nonisolated(unsafe) private static var leftovers: [String] = []

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes the parts of an input, which are separated by zero bytes, to files.
    ///
    /// Returns false if there are fewer parts than files.
    public func write(partsOf input: ByteView, _ names: [String]) -> Bool {
        let parts = input.copy().split(
            separator: 0, maxSplits: names.count - 1, omittingEmptySubsequences: false)
        guard parts.count == names.count else { return false }
        for (name, part) in zip(names, parts) { write(ByteView(Array(part)), name) }
        return true
    }

    /// Writes a file, replacing an existing one.
    public func write(_ bytes: ByteView, _ name: String) {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        require(descriptor >= 0, "cannot write \(file(name))")
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes {
            Foundation.write(descriptor, $0.baseAddress, $0.count)
        }
        require(written == bytes.count, "\(written) of \(bytes.count) bytes were written")
    }

    /// The bytes of a file.
    public func read(_ name: String) -> ByteView {
        guard let map = try? MappedFile(path: file(name)) else { fatalError("missing \(name)") }
        return ByteView(map.bytes.copy())
    }
}

/// The root of the repository, for targets that read a fixture.
public let repository: String = {
    // <root>/tools/fuzz/Sources/FuzzSupport/ScratchFolder.swift
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(5)
        .joined(separator: "/")
}()
