import Foundation
import _SwiftletTestSupport

/// Changes files in temporary folders.
enum Files {
    /// Copies a fixture; returns the path of the copy.
    static func copy(_ fixture: String, to path: String) throws -> String {
        try FileManager.default.copyItem(atPath: TestFiles.fixture(fixture), toPath: path)
        return path
    }

    /// Makes an empty folder; returns its path.
    static func folder(_ path: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Writes a text; returns its path.
    @discardableResult
    static func write(_ text: String, to path: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Writes bytes; returns their path.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The bytes of a file.
    static func read(_ path: String) throws -> [UInt8] { try TestFiles.bytes(path) }

    /// A file's text.
    static func text(_ path: String) throws -> String {
        String(decoding: try read(path), as: UTF8.self)
    }

    /// Replaces the first occurrence of a string in a file by one of the same length.
    static func replace(_ old: String, by new: String, in path: String) throws {
        var bytes = try read(path)
        let pattern = Array(old.utf8)
        for start in 0...(bytes.count - pattern.count)
        where bytes[start] == pattern[0]
            && bytes[start..<start + pattern.count].elementsEqual(pattern)
        {
            bytes.replaceSubrange(start..<start + pattern.count, with: Array(new.utf8))
            break
        }
        try write(bytes, to: path)
    }

    /// Keeps only the first bytes of a file.
    static func truncate(_ path: String, to count: Int) throws {
        try write(Array(try read(path).prefix(count)), to: path)
    }

    /// Everything in a folder, at any depth, including hidden entries, with sizes.
    static func listing(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { name in
            let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            let isFolder = facts[.type] as? FileAttributeType == .typeDirectory
            return isFolder ? "\(name)/" : "\(name) \(facts[.size] as? Int ?? -1)"
        }
    }

    /// Removes a file or folder.
    static func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    /// Whether a file or folder exists.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
