import Foundation
import SwiftletBytes

/// The files that tests use.
public enum TestFiles {
    /// The repository's root.
    public static let root: String = {
        // <root>/Tests/_SwiftletTestSupport/TestFiles.swift
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// Returns a path inside `fixtures/`.
    public static func fixture(_ path: String) -> String { "\(root)/fixtures/\(path)" }

    /// The folder of real vocabularies and data sets, `SWIFTLET_DATA`; nil if that is not set.
    public static let data: String? = ProcessInfo.processInfo.environment["SWIFTLET_DATA"]

    /// Creates an empty folder, which is removed together with the returned object.
    public static func temporaryFolder() throws -> TemporaryFolder { try TemporaryFolder() }

    /// Returns the bytes of a file.
    public static func bytes(_ path: String) throws -> [UInt8] {
        try MappedFile(path: path).bytes.copy()
    }
}

/// A folder that is removed together with this object.
public final class TemporaryFolder: Sendable {
    /// The folder's path.
    public let path: String

    init() throws {
        let template = FileManager.default.temporaryDirectory.path + "/swiftlet-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: template, withIntermediateDirectories: true)
        path = template
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Returns the path of a file in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
