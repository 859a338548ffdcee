import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

@Suite("Views, maps and paths")
struct FileTests {
    @Test("slices are checked against the bounds of a view")
    func slices() {
        let view = ByteView([1, 2, 3, 4])
        #expect(view[1..<3].copy() == [2, 3])
        #expect(view[4..<4].copy() == [])
        #expect(view.checkedSlice(offset: 2, count: 2)?.copy() == [3, 4])
        #expect(view.checkedSlice(offset: 4, count: 0)?.count == 0)
        for (offset, count) in [
            (0, 5), (3, 2), (5, 0), (-1, 1), (1, -1), (.max, 1), (1, .max), (.max, .max),
        ] {
            #expect(view.checkedSlice(offset: offset, count: count) == nil)
        }
        #expect(view[1..<3].span.byteCount == 2)
        #expect(view.isAligned(to: 64))
        #expect(!view[1..<2].isAligned(to: 2))
    }

    @Test("a view stays valid after its file is removed")
    func maps() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x")
        let content = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try AtomicFile.write(content, to: path)
        let part = try MappedFile(path: path).bytes[5000..<15_000]
        try FileSystem.remove(path)
        part.advise(.sequential)
        part.advise(.done)
        #expect(part.copy() == Array(content[5000..<15_000]))
        var passed = PassedBytes(part)
        passed.pass(4000)
        passed.pass(10_000)
        #expect(part.copy() == Array(content[5000..<15_000]))
        // Advice on bytes outside a file is ignored.
        ByteView([1]).advise(.done)
    }

    @Test("an empty file, a missing file, a folder, a pipe")
    func kinds() throws {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write([], to: folder.file("empty"))
        #expect(try MappedFile(path: folder.file("empty")).bytes.copy() == [])
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(FileSystem.entry(folder.file("pipe")) == .other)
        #expect(throws: SwiftletError(.notAFile, "")) { try MappedFile(path: folder.file("pipe")) }
        #expect(throws: SwiftletError(.notAFile, "")) { try MappedFile(path: folder.path) }
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try MappedFile(path: folder.file("none"))
        }
        #expect(FileSystem.entry(folder.file("empty")) == .file(size: 0))
        #expect(FileSystem.entry(folder.file("none")) == nil)
    }

    @Test("parts of paths")
    func paths() {
        #expect(FileSystem.join("a", "b") == "a/b")
        #expect(FileSystem.join("a/", "b") == "a/b")
        #expect(FileSystem.join("", "b") == "b")
        for (path, parent, name) in [
            ("a", ".", "a"), ("a/b", "a", "b"), ("a/b/", "a", "b"), ("/a", "/", "a"),
            ("/", "/", "/"),
            ("a//b", "a", "b"), ("./a", ".", "a"),
        ] {
            #expect(FileSystem.parent(path) == parent)
            #expect(FileSystem.name(path) == name)
        }
    }

    @Test("removing removes links, not their targets")
    func removing() throws {
        let folder = try TestFiles.temporaryFolder()
        try FileSystem.createFolder(folder.file("a/b/c"))
        try AtomicFile.write([1], to: folder.file("kept"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("a/link"), withDestinationPath: folder.path)
        try FileSystem.remove(folder.file("a"))
        try FileSystem.remove(folder.file("a"))
        #expect(try FileSystem.names(in: folder.path) == ["kept"])
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try FileSystem.createFolder(folder.file("kept/x"))
        }
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try FileSystem.createFolder(folder.file("kept"))
        }
    }

    @Test("UTF-8 is checked byte by byte")
    func utf8() {
        func error(_ bytes: [UInt8]) -> Int? { UTF8Check.firstError(in: ByteView(bytes)) }
        #expect(error(Array("plain ASCII, é, 漢, \u{1F600}, and more".utf8)) == nil)
        for bytes: [UInt8] in [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80],
            [0xE1, 0x80], [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xF1, 0x80, 0x80], [0xFF], [0xE1, 0x80, 0x41],
        ] {
            #expect(error(bytes) == 0)
            #expect(error([UInt8](repeating: 0x41, count: 17) + bytes) == 17)
        }
        // Against the standard library, on every pair and on three-byte leads.
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let pair = [first, second]
                #expect((error(pair) == nil) == (String(validating: pair, as: UTF8.self) != nil))
                let triple = [first, second, 0xBF]
                #expect(
                    (error(triple) == nil) == (String(validating: triple, as: UTF8.self) != nil))
            }
        }
    }

    @Test("an error describes file, reason, place and hint")
    func errors() {
        let error = SwiftletError(.json, "is wrong", at: "line 3").inFile("f").inFile("g")
            .at("key \"k\"").hinting("look again")
        #expect(error.description == "f: is wrong, key \"k\", line 3\nhint: look again")
        #expect(error == SwiftletError(.json, "other words"))
        #expect(error != SwiftletError(.notUTF8, "is wrong"))
    }
}
