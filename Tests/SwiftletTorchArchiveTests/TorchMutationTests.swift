import SwiftletBytes
import SwiftletTorchArchive
import Testing
import _SwiftletTestSupport

/// Whatever the bytes, the reader either throws a torch error or returns tensors of the right size.
@Suite("Damaged files of torch.save")
struct TorchMutationTests {
    private let zip = archive { $0.wideRecord = { $0 } }
    private let older = stream(
        Pickle.dict(Pickle.tensor(in: Pickle.storage(more: Pickle.none))),
        keys: Pickle.text("0") + [0x61], data: little(UInt64(4)) + [UInt8](repeating: 1, count: 16))

    private func check(_ bytes: [UInt8]) {
        do throws(SwiftletError) {
            for tensor in try TorchArchive(view: ByteView(bytes)).tensors {
                #expect(tensor.dtype.byteCount(elements: tensor.elementCount) == tensor.byteCount)
            }
        } catch {
            #expect(error.code.name.hasPrefix("torch."), "\(error)")
        }
    }

    @Test("every truncation is refused")
    func truncation() {
        for file in [zip, older] {
            for count in 0..<file.count {
                guard case .failure(let error) = verdict(Array(file[..<count])) else {
                    Issue.record("accepted when truncated to \(count) bytes")
                    continue
                }
                #expect(error.code.name.hasPrefix("torch."), "\(error)")
            }
        }
    }

    @Test("every bit flipped, and every byte replaced by opcodes and extreme values")
    func flips() {
        for file in [zip, older] {
            var bytes = file
            for position in 0..<file.count {
                for bit in 0..<8 {
                    bytes[position] = file[position] ^ 1 << bit
                    check(bytes)
                }
                // Opcodes, lengths and extreme values.
                for value: UInt8 in [0, 1, 0x28, 0x29, 0x51, 0x52, 0x5D, 0x7D, 0x85, 0x8A, 255] {
                    bytes[position] = value
                    check(bytes)
                }
                bytes[position] = file[position]
            }
        }
    }

    @Test("every byte removed, and every byte doubled")
    func shifts() {
        for file in [zip, older] {
            for position in 0..<file.count {
                var bytes = file
                bytes.remove(at: position)
                check(bytes)
                bytes = file
                bytes.insert(file[position], at: position)
                check(bytes)
            }
        }
    }

    @Test(
        "every bit flipped in pickles of PyTorch",
        arguments: ["parameters.pt", "nested.pt", "views-stream.bin", "python2-stream.bin"])
    func fixtureBits(_ name: String) throws {
        let path = TestFiles.fixture("torch-archive/\(name)")
        var bytes = try TestFiles.bytes(path)
        for position in 0..<min(bytes.count, 1500) {
            for bit in 0..<8 {
                bytes[position] ^= 1 << bit
                check(bytes)
                bytes[position] ^= 1 << bit
            }
        }
    }

    @Test("truncations of files of PyTorch", arguments: TorchFixtureTests.accepted)
    func fixtureTruncations(_ name: String) throws {
        let path = TestFiles.fixture("torch-archive/\(name)")
        let whole = try TestFiles.bytes(path)
        let names = try verdict(whole).get()
        DamagedFile.truncations(whole) { bytes in
            switch verdict(bytes) {
            case .success(let read):
                // As in PyTorch, only the comment at the end of a zip may be truncated.
                #expect(read == names && name == "rezipped.pt", "truncated to \(bytes.count) bytes")
            case .failure(let error): #expect(error.code.name.hasPrefix("torch."), "\(error)")
            }
        }
    }

    @Test("byte flips in files of PyTorch", arguments: TorchFixtureTests.accepted)
    func fixtureFlips(_ name: String) throws {
        let path = TestFiles.fixture("torch-archive/\(name)")
        let bytes = try TestFiles.bytes(path)
        DamagedFile.flips(bytes, in: 0..<bytes.count, step: 7) { check($0) }
    }

    @Test("inputs kept from fuzzing", arguments: FuzzInputs.names("torch"))
    func kept(_ name: String) throws { check(try FuzzInputs.bytes("torch", name)) }
}
