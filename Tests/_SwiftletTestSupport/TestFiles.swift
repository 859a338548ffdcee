import Foundation

/// Where tests find their files.
public enum TestFiles {
    /// The repository's root.
    public static let root: String = {
        // <root>/Tests/_SwiftletTestSupport/TestFiles.swift
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// A path inside `fixtures/`.
    public static func fixture(_ path: String) -> String { "\(root)/fixtures/\(path)" }

    /// The folder of real vocabularies and data sets, named by `SWIFTLET_DATA`; nil without it.
    public static let data: String? = ProcessInfo.processInfo.environment["SWIFTLET_DATA"]

    /// A fresh empty folder, removed with the object.
    public static func temporaryFolder() throws -> TemporaryFolder { try TemporaryFolder() }
}

/// A folder that goes away with the object.
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

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
