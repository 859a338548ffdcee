import Foundation
import _SwiftletTestSupport

/// Changes to files, in temporary folders only.
enum Files {
    /// A copy of a fixture.
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

    /// Replaces a part of a file that stands there once or more, by one as long.
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

    /// Keeps the first bytes of a file.
    static func truncate(_ path: String, to count: Int) throws {
        try write(Array(try read(path).prefix(count)), to: path)
    }

    /// All that is in a folder, at any depth, hidden entries too, with sizes.
    static func listing(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { name in
            let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            let isFolder = facts[.type] as? FileAttributeType == .typeDirectory
            return isFolder ? "\(name)/" : "\(name) \(facts[.size] as? Int ?? -1)"
        }
    }

    /// Removes a file or folder.
    static func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    /// Whether something is there.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
