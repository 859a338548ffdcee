import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

@Suite("Comparing checkpoints")
struct ComparisonTests {
    private func compare(
        _ a: [StoredTensor], _ b: [StoredTensor], atol: Double = 0, rtol: Double = 0
    ) throws -> CheckpointComparison {
        let folder = try TestFiles.temporaryFolder()
        try write(a, to: folder.file("a.safetensors"))
        try write(b, to: folder.file("b.safetensors"))
        return try CheckpointComparison.compare(
            Checkpoint(path: folder.file("a.safetensors")),
            Checkpoint(path: folder.file("b.safetensors")), atol: atol, rtol: rtol)
    }

    @Test("old and new names, buffers and a duplicate head: the same model")
    func legacy() throws {
        for (a, b) in [
            ("gpt2-tiny", "gpt2-tiny-legacy"),
            ("gpt2-tiny-legacy/model.safetensors", "gpt2-tiny"),
        ] {
            let result = try CheckpointComparison.compare(
                Checkpoint(path: fixture(a)), Checkpoint(path: fixture(b)))
            #expect(result.isEqual)
            #expect(result.compared == 40)
        }
    }

    @Test("a rounded model differs by no more than the rounding")
    func rounded() throws {
        let a = try Checkpoint(path: fixture("gpt2-tiny"))
        let b = try Checkpoint(path: fixture("gpt2-tiny-bf16"))
        let exact = try CheckpointComparison.compare(a, b)
        #expect(!exact.isEqual)
        #expect(!exact.differing.isEmpty)
        for difference in exact.differing {
            let relative = try #require(difference.maxRel)
            #expect(relative > 0 && relative <= 0x1p-8)
        }
        #expect(try CheckpointComparison.compare(a, b, rtol: 0x1p-8).isEqual)
    }

    @Test("two models")
    func different() throws {
        let a = try Checkpoint(path: fixture("gpt2-tiny"))
        let b = try Checkpoint(path: fixture("gpt2-variant"))
        let result = try CheckpointComparison.compare(a, b)
        #expect(result.onlyInA.count == 12)
        #expect(result.onlyInA.allSatisfy { $0.hasPrefix("layers.2.") })
        #expect(result.onlyInB == ["head.weight"])
        #expect(result.compared == 28)
        #expect(result.differing.count == 28)
        #expect(result.differing.allSatisfy { $0.maxAbs == nil && $0.reason != nil })
        #expect(!result.isEqual)
    }

    @Test("tolerances, NaN and infinity")
    func elements() throws {
        let a = [floats("x", [1, .nan, .infinity, -.infinity, 0])]
        #expect(try compare(a, a).isEqual)
        var result = try compare(a, [floats("x", [1.5, .nan, .infinity, -.infinity, -0.0])])
        #expect(result.differing.first?.maxAbs == 0.5)
        #expect(result.differing.first?.maxRel == 0.5 / 1.5)
        #expect(
            try compare(a, [floats("x", [1.5, .nan, .infinity, -.infinity, 0])], atol: 0.5).isEqual)
        #expect(
            try compare(a, [floats("x", [1.5, .nan, .infinity, -.infinity, 0])], rtol: 0.34).isEqual
        )
        #expect(
            !(try compare(a, [floats("x", [1.5, .nan, .infinity, -.infinity, 0])], rtol: 0.33)
                .isEqual))
        for other: [Float] in [
            [1, 1, .infinity, -.infinity, 0], [1, .nan, 1, -.infinity, 0],
            [1, .nan, -.infinity, -.infinity, 0], [.infinity, .nan, .infinity, -.infinity, 0],
        ] {
            result = try compare(a, [floats("x", other)], atol: 1e30, rtol: 1e30)
            #expect(result.differing.first?.maxAbs == .infinity)
        }
        result = try compare([floats("x", [1])], [floats("x", [0])])
        #expect(result.differing.first?.maxAbs == 1)
        #expect(result.differing.first?.maxRel == .infinity)
    }

    @Test("different dtypes: numbers are compared by value, others by their bytes")
    func dtypes() throws {
        func tensor(_ dtype: DType, _ bytes: [UInt8]) -> [StoredTensor] {
            let count = bytes.count * 8 / dtype.bits
            return [
                StoredTensor(
                    name: "x", dtype: dtype, shape: [count], bytes: ByteView(bytes), file: "")
            ]
        }
        #expect(try compare(tensor(.i8, [255]), tensor(.i32, [255, 255, 255, 255])).isEqual)
        #expect(try compare(tensor(.u16, [1, 0]), [floats("x", [1])]).isEqual)
        #expect(try compare(tensor(.bool, [1]), tensor(.bool, [1])).isEqual)
        #expect(!(try compare(tensor(.bool, [1]), tensor(.bool, [0])).isEqual))
        #expect(!(try compare(tensor(.bool, [1]), tensor(.u8, [1])).isEqual))
        #expect(!(try compare(tensor(.f8e4m3, [1]), tensor(.f8e4m3, [2])).isEqual))
        #expect(try compare(tensor(.f4, [1]), tensor(.f4, [1])).isEqual)
    }

    @Test("a difference in the last element of many")
    func last() throws {
        var values = [Float](repeating: 0.25, count: 100_003)
        let a = [floats("x", values)]
        values[100_002] = 0.5
        let result = try compare(a, [floats("x", values)])
        #expect(result.differing.first?.maxAbs == 0.25)
        #expect(result.compared == 1)
    }

    @Test("names are compared by bytes; shapes, scalars and empty tensors")
    func names() throws {
        let result = try compare(
            [
                floats("\u{E9}", [1]), floats("e\u{301}", [2]), floats("s", [1], shape: []),
                floats("e", []),
            ],
            [floats("\u{E9}", [1]), floats("s", [1], shape: [1]), floats("e", [])])
        #expect(result.onlyInA.map { Array($0.utf8) } == [Array("e\u{301}".utf8)])
        #expect(result.differing.map(\.name) == ["s"])
        #expect(result.compared == 3)
    }
}
