import Foundation
import Testing
import _SwiftletTestSupport

@testable import SwiftletBytes

@Suite("Atomic files and folders")
struct AtomicTests {
    private func text(_ path: String) throws -> String {
        String(decoding: try MappedFile(path: path).bytes.copy(), as: UTF8.self)
    }

    @Test("an uncommitted file leaves nothing, or the old file")
    func uncommittedFile() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x")
        do {
            let file = try AtomicFile(path: path)
            try file.write("half")
        }
        #expect(try FileSystem.names(in: folder.path).isEmpty)
        try AtomicFile.write(Array("old".utf8), to: path)
        do {
            let file = try AtomicFile(path: path)
            try file.write("half")
            #expect(try text(path) == "old")
        }
        #expect(try text(path) == "old")
        #expect(try FileSystem.names(in: folder.path) == ["x"])
    }

    @Test("a folder that several threads replace at once is one of theirs, whole")
    func replacedAtOnce() async throws {
        let place = try TestFiles.temporaryFolder()
        let path = place.file("out")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<6 {
                group.addTask {
                    for _ in 0..<50 {
                        try AtomicFolder.write(path, replacing: true) {
                            (folder) throws(SwiftletError) in
                            for name in ["a", "b", "c"] {
                                try AtomicFile.write([UInt8(task)], to: folder.file(name))
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try FileSystem.names(in: place.path) == ["out"])
        let bytes = try ["a", "b", "c"].map { try TestFiles.bytes("\(path)/\($0)") }
        #expect(Set(bytes).count == 1)
    }

    @Test("a link to a folder stands for the folder")
    func link() throws {
        let place = try TestFiles.temporaryFolder()
        try FileSystem.createFolder(place.file("real"))
        try FileManager.default.createSymbolicLink(
            atPath: place.file("link"), withDestinationPath: "real")
        for replacing in [false, true] {
            try AtomicFolder.write(place.file("link"), replacing: replacing) {
                (folder) throws(SwiftletError) in
                try AtomicFile.write([1], to: folder.file(replacing ? "b" : "a"))
            }
            #expect(try FileSystem.names(in: place.path) == ["link", "real"])
            #expect(try FileSystem.names(in: place.file("real")) == [replacing ? "b" : "a"])
        }
    }

    @Test("temporary names fit, and are those of one target", arguments: [1, 231, 232, 255])
    func temporaryNames(_ count: Int) throws {
        let place = try TestFiles.temporaryFolder()
        let names = ["a", "b"].map { String(repeating: "é", count: (count - 1) / 2) + $0 }
        for name in names {
            let file = try AtomicFile(path: place.file(name))
            try file.write("x")
            // What is being written is not a leftover, neither of this name nor of the other.
            for other in names { Leftovers.remove(of: place.file(other)) }
            try file.commit()
            #expect(try FileSystem.names(in: place.path) == [name])
            try FileSystem.remove(place.file(name))
        }
        #expect(
            Leftovers.name(for: "/tmp/" + String(repeating: "a", count: 255), attempt: 999)
                .utf8.count <= 5 + 255 - 4)
    }

    @Test("a map of a replaced file keeps the old bytes")
    func replacedWhileMapped() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x")
        try AtomicFile.write([UInt8](repeating: 1, count: 10_000), to: path)
        let old = try MappedFile(path: path).bytes
        try AtomicFile.write([2], to: path)
        #expect(old.copy() == [UInt8](repeating: 1, count: 10_000))
        #expect(try MappedFile(path: path).bytes.copy() == [2])
    }

    @Test("a file can be written out of order")
    func seek() throws {
        let folder = try TestFiles.temporaryFolder()
        let file = try AtomicFile(path: folder.file("x"), bufferSize: 4)
        try file.write("ab")
        try file.seek(to: 6)
        try file.write("ghijklmn")
        try file.seek(to: 2)
        try file.write("cdef")
        try file.commit()
        #expect(try text(folder.file("x")) == "abcdefghijklmn")
    }

    @Test("a missing folder")
    func noFolder() throws {
        let folder = try TestFiles.temporaryFolder()
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try AtomicFile(path: folder.file("none/x"))
        }
    }

    @Test("a folder appears with all its files, or not at all")
    func folder() throws {
        let place = try TestFiles.temporaryFolder()
        let path = place.file("deep/out")
        do {
            let folder = try AtomicFolder(path: path)
            try AtomicFile.write([1], to: folder.file("a"))
            #expect(!FileSystem.somethingIs(at: path))
        }
        #expect(try FileSystem.names(in: place.file("deep")).isEmpty)
        let folder = try AtomicFolder(path: path)
        try AtomicFile.write([1], to: folder.file("a"))
        try folder.commit()
        #expect(try FileSystem.names(in: path) == ["a"])
        #expect(try FileSystem.names(in: place.file("deep")) == ["out"])
        #expect(throws: SwiftletError(.cannotCreate, "")) { try AtomicFolder(path: path) }
    }

    @Test("an empty folder at the target is replaced")
    func emptyFolder() throws {
        let place = try TestFiles.temporaryFolder()
        let path = place.file("out")
        try FileSystem.createFolder(path)
        let folder = try AtomicFolder(path: path)
        try AtomicFile.write([1], to: folder.file("a"))
        try folder.commit()
        #expect(try FileSystem.names(in: path) == ["a"])
    }

    @Test("replacing removes the old folder only at the commit")
    func replacing() throws {
        let place = try TestFiles.temporaryFolder()
        let path = place.file("out")
        try FileSystem.createFolder(path)
        try AtomicFile.write([1], to: path + "/old")
        do {
            let dropped = try AtomicFolder(path: path, replacing: true)
            try AtomicFile.write([2], to: dropped.file("new"))
        }
        #expect(try FileSystem.names(in: path) == ["old"])
        let folder = try AtomicFolder(path: path, replacing: true)
        try AtomicFile.write([2], to: folder.file("new"))
        #expect(try FileSystem.names(in: path) == ["old"])
        try folder.commit()
        #expect(try FileSystem.names(in: path) == ["new"])
        #expect(try FileSystem.names(in: place.path) == ["out"])
    }

    @Test("leftovers of killed programs are removed, those in use are not")
    func leftovers() throws {
        let place = try TestFiles.temporaryFolder()
        let path = place.file("out")
        let living = try AtomicFolder(path: path)
        let dead = place.file(".out.99999999.0.partial")
        try FileSystem.createFolder(dead)
        try AtomicFile.write([1], to: dead + "/x")
        try AtomicFile.write([1], to: place.file(".out.99999999.1.partial"))
        try AtomicFile.write([1], to: place.file(".out.notes.partial"))
        let second = try AtomicFolder(path: path)
        #expect(living.temporary != second.temporary)
        #expect(
            try FileSystem.names(in: place.path)
                == [
                    FileSystem.name(living.temporary), FileSystem.name(second.temporary),
                    ".out.notes.partial",
                ].sorted())
        try living.commit()
        try AtomicFile.write([1], to: path + "/x")
        #expect(throws: SwiftletError(.cannotCreate, "")) { try second.commit() }
    }

    @Test("real paths")
    func realPath() throws {
        let place = try TestFiles.temporaryFolder()
        try AtomicFile.write([1], to: place.file("a"))
        try FileManager.default.createSymbolicLink(
            atPath: place.file("b"), withDestinationPath: place.file("a"))
        try FileManager.default.createSymbolicLink(
            atPath: place.file("c"), withDestinationPath: place.file("none"))
        #expect(FileSystem.realPath(place.file("b")) == FileSystem.realPath(place.file("a")))
        #expect(FileSystem.realPath(place.file("c")) == nil)
        #expect(FileSystem.somethingIs(at: place.file("c")))
        #expect(FileSystem.entry(place.file("c")) == nil)
    }
}
