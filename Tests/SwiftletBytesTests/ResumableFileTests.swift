import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Files that several runs write, locks, and links.
struct ResumableFileTests {
    private static func append(_ bytes: [UInt8], to file: ResumableFile) throws {
        try bytes.withUnsafeBytes { try file.append($0) }
    }

    private static func contents(of file: ResumableFile) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try file.read { bytes.append(contentsOf: $0) }
        return bytes
    }

    private static func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test("continues after the bytes of an earlier run, and gets its final name")
    func resumes() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("a.part")
        // More than is read at once.
        let start = (0..<700_000).map { UInt8($0 % 251) }
        do {
            let file = try ResumableFile(path: path)
            #expect(file.count == 0)
            try Self.append(start, to: file)
        }
        let file = try ResumableFile(path: path)
        #expect(file.count == start.count)
        #expect(try Self.contents(of: file) == start)
        try Self.append([1, 2], to: file)
        try AtomicFile.write([9], to: folder.file("a"))
        try file.commit(to: folder.file("a"))
        #expect(try TestFiles.bytes(folder.file("a")) == start + [1, 2])
        #expect(FileSystem.entry(path) == nil)
    }

    @Test("starts over")
    func clears() throws {
        let folder = try TestFiles.temporaryFolder()
        let file = try ResumableFile(path: folder.file("a"))
        try Self.append([1, 2, 3], to: file)
        try file.clear()
        #expect(file.count == 0)
        try Self.append([4], to: file)
        #expect(try Self.contents(of: file) == [4])
    }

    @Test("does not follow links, and refuses folders and pipes")
    func refuses() throws {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write([1], to: folder.file("victim"))
        try FileSystem.createLink(folder.file("link"), to: folder.file("victim"))
        for path in [folder.file("link"), folder.path, folder.file("absent/a")] {
            #expect(throws: SwiftletError(.cannotCreate, "")) { try ResumableFile(path: path) }
        }
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try ResumableFile(path: folder.file("pipe"))
        }
    }

    @Test("one object at a time has a lock, which ends with it")
    func lock() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("lock")
        func take() throws(SwiftletError) -> FileLock {
            try FileLock(path: path) { () throws(SwiftletError) in
                throw SwiftletError(.cancelled, "")
            }
        }
        do {
            let first = try take()
            #expect(throws: SwiftletError(.cancelled, "")) { try take() }
            withExtendedLifetime(first) {}
        }
        _ = try take()
    }

    @Test("a link replaces a link or a file, but not a folder")
    func links() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("link")
        #expect(FileSystem.linkTarget(path) == nil)
        try FileSystem.createLink(path, to: "one")
        #expect(FileSystem.linkTarget(path) == "one")
        try FileSystem.createLink(path, to: "one")
        try FileSystem.createLink(path, to: "two")
        #expect(FileSystem.linkTarget(path) == "two")
        try AtomicFile.write([1], to: folder.file("file"))
        #expect(FileSystem.linkTarget(folder.file("file")) == nil)
        try FileSystem.createLink(folder.file("file"), to: "three")
        #expect(FileSystem.linkTarget(folder.file("file")) == "three")
        try FileSystem.createFolder(folder.file("folder"))
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try FileSystem.createLink(folder.file("folder"), to: "four")
        }
    }

    @Test("detached threads run")
    func threads() {
        let done = DispatchSemaphore(value: 0)
        for _ in 0..<8 { ThreadTeam.start { done.signal() } }
        for _ in 0..<8 { #expect(done.wait(timeout: .now() + 60) == .success) }
    }
}
