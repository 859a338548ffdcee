import SwiftletBytes
import SwiftletSafetensors
import SwiftletTorchArchive
import Testing
import _SwiftletTestSupport

/// Files written by PyTorch, compared with what PyTorch reads from them.
@Suite("Files of torch.save")
struct TorchFixtureTests {
    static let cases = (try? GoldenFile.json("torch-archive/cases.json")) ?? .null

    static let accepted = [
        "dtypes.pt", "dtypes-stream.bin", "module.pt", "module-stream.bin", "views.pt",
        "views-stream.bin", "nested.pt", "nested-stream.bin", "parameters.pt",
        "parameters-stream.bin", "protocol3.pt", "protocol3-stream.bin", "bare.pt", "listed.pt",
        "rezipped.pt", "rezipped-wide.pt", "from-gpu.pt", "big-endian.pt", "python2-stream.bin",
    ]

    private func names(_ value: JSONValue?) -> [String] {
        (value?.array ?? []).compactMap(\.string)
    }

    @Test("names, dtypes, shapes and bytes agree with PyTorch", arguments: accepted)
    func contents(_ name: String) throws {
        let facts = try #require(Self.cases["accepted"]?[name])
        let archive = try TorchArchive(path: TestFiles.fixture("torch-archive/\(name)"))
        #expect(archive.form.rawValue == facts["form"]?.string)
        #expect(archive.tensors.map(\.name) == names(facts["names"]))
        #expect(archive.sharedStorages == (facts["shared"]?.array ?? []).map { names($0) })
        let golden = try SafetensorsFile(
            path: TestFiles.fixture("torch-archive/\(name.split(separator: ".")[0]).safetensors"))
        #expect(golden.tensors.count == archive.tensors.count)
        for expected in golden.tensors {
            let tensor = try #require(archive[expected.name], "\(expected.name)")
            #expect(tensor.dtype == expected.dtype, "\(expected.name)")
            #expect(tensor.shape == expected.shape, "\(expected.name)")
            #expect(try tensor.bytes.copy() == expected.bytes.copy(), "\(expected.name)")
        }
    }

    @Test(
        "contiguous tensors are views into the mapped file, all others copies", arguments: accepted)
    func views(_ name: String) throws {
        let copied = names(Self.cases["accepted"]?[name]?["copied"])
        let archive = try TorchArchive(path: TestFiles.fixture("torch-archive/\(name)"))
        // Big-endian tensors are converted in copies.
        for tensor in archive.tensors where tensor.elementCount > 0 && name != "big-endian.pt" {
            #expect(
                try tensor.bytes.owner is MappedFile == !copied.contains(tensor.name),
                "\(tensor.name)")
        }
    }

    @Test("tied tensors share their bytes")
    func tied() throws {
        for name in ["module.pt", "module-stream.bin"] {
            let archive = try TorchArchive(path: TestFiles.fixture("torch-archive/\(name)"))
            let embedding = try #require(try archive["embedding.weight"]?.bytes)
            let head = try #require(try archive["head.weight"]?.bytes)
            let same = embedding.withUnsafeBytes { a in
                head.withUnsafeBytes { b in a.baseAddress == b.baseAddress }
            }
            #expect(same)
            #expect(archive.sharedStorages == [["embedding.weight", "head.weight"]])
        }
    }

    @Test("skipped values are noted")
    func notes() throws {
        let archive = try TorchArchive(path: TestFiles.fixture("torch-archive/nested.pt"))
        #expect(archive.notes.contains("skipped \"epoch\", which is an integer, not a tensor"))
        #expect(archive.notes.contains("skipped \"deep\", which is a list, not a tensor"))
        #expect(archive.notes.contains("skipped \"list.1\", which is an integer, not a tensor"))
        #expect(archive.notes.contains("skipped \"dtype\", which is torch.bfloat16, not a tensor"))
    }

    static let refused: [(String, SwiftletError.Code)] = [
        ("quantized.pt", .torchElementType), ("complex128.pt", .torchElementType),
        ("sparse.pt", .torchConstructor), ("nested-tensor.pt", .torchConstructor),
        ("meta.pt", .torchConstructor), ("conjugate.pt", .torchConstructor),
        ("numpy.pt", .torchGlobal), ("no-tensors.pt", .torchNoTensors),
        ("expanded.pt", .torchCopyTooLarge), ("deflated.pt", .torchZipCompressed),
        ("script.pt", .torchScript), ("protocol0.pt", .torchPickleProtocol),
        ("protocol0-stream.bin", .torchPickleProtocol), ("protocol1.pt", .torchPickleProtocol),
        ("protocol1-stream.bin", .torchPickleProtocol), ("protocol4.pt", .torchPickleProtocol),
        ("protocol4-stream.bin", .torchPickleProtocol), ("protocol5.pt", .torchPickleProtocol),
        ("protocol5-stream.bin", .torchPickleProtocol),
    ]

    @Test("unsupported files are refused with their code", arguments: refused)
    func refusals(_ name: String, _ code: SwiftletError.Code) {
        #expect(throws: SwiftletError(code, "")) {
            try TorchArchive(path: TestFiles.fixture("torch-archive/\(name)"))
        }
    }

    @Test("every fixture is tested")
    func complete() throws {
        #expect(Self.cases["accepted"]?.object?.pairs.map(\.key) == Self.accepted)
        #expect(
            Set(Self.cases["refused"]?.object?.pairs.map(\.key) ?? []) == Set(Self.refused.map(\.0))
        )
    }
}
