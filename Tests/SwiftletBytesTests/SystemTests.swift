import Testing
import _SwiftletTestSupport

@testable import SwiftletBytes

/// Calls of the operating system, among them those that differ between systems.
struct SystemTests {
    @Test("two names are exchanged")
    func exchange() throws {
        let folder = try TestFiles.temporaryFolder()
        try FileSystem.createFolder(folder.file("a/inside"))
        try AtomicFile.write([1], to: folder.file("b"))
        // File systems that cannot exchange say so, and nothing happens.
        let outcome = try SystemCalls.exchange(folder.file("a"), folder.file("b"))
        guard outcome == .done else {
            #expect(outcome == .unsupported)
            #expect(FileSystem.isFolder(folder.file("a")))
            return
        }
        #expect(FileSystem.isFile(folder.file("a")))
        #expect(FileSystem.isFolder(folder.file("b/inside")))
        #expect(try SystemCalls.exchange(folder.file("a"), folder.file("none")) == .missing)
    }

    @Test("memory that is touched counts as resident")
    func memory() {
        let size = 64 << 20
        let before = ProcessMemory.current.anonymous ?? 0
        let bytes = [UInt8](repeating: 1, count: size)
        let memory = ProcessMemory.current
        #expect(memory.peakResident >= size)
        #if os(Linux)
            // Other tests free memory meanwhile.
            #expect((memory.anonymous ?? 0) > before - size)
        #else
            #expect(memory.anonymous == nil && before == 0)
        #endif
        #expect(bytes[size - 1] == 1)
        #expect(SystemMemory.physical >= size)
        #expect(ThreadTeam.processorCount >= 1)
    }

    @Test("a map is zeroed, and a request that cannot be met is refused")
    func map() throws {
        let start = try #require(SystemMemory.map(1 << 20))
        let bytes = UnsafeRawBufferPointer(start: start, count: 1 << 20)
        #expect(bytes.allSatisfy { $0 == 0 })
        SystemMemory.preferHugePages(start, 1 << 20)
        SystemMemory.unmap(start, 1 << 20)
        #expect(SystemMemory.map(1 << 60, isReserved: false) == nil)
    }

    @Test("a folder is locked by one object at a time")
    func folderLock() throws {
        let folder = try TestFiles.temporaryFolder()
        do {
            let lock = try FolderLock(folder.path)
            #expect(throws: SwiftletError(.inUse, "")) { try FolderLock(folder.path) }
            withExtendedLifetime(lock) {}
        }
        _ = try FolderLock(folder.path)
        #expect(throws: SwiftletError(.noSuchFile, "")) { try FolderLock(folder.file("none")) }
    }

    @Test("a file without a name is extended by zeros")
    func unnamed() throws {
        let folder = try TestFiles.temporaryFolder()
        let file = try OpenFile.unnamed(in: folder.path)
        #expect(try FileSystem.names(in: folder.path).isEmpty)
        try file.write([1, 2, 3])
        try file.extend(by: 5, at: 3)
        #expect(try file.status() == FileStatus(kind: .file, size: 8))
        let bytes = try [UInt8](unsafeUninitializedCapacity: 16) { target, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(target), at: 0)
        }
        #expect(bytes == [1, 2, 3, 0, 0, 0, 0, 0])
        #expect(throws: SwiftletError(.writeFailed, "")) { try file.extend(by: 1 << 60, at: 8) }
        #expect(try file.status().size == 8)
    }
}
