import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct FloatStoreTests {
    /// Sizes below and above a page and the size from which anonymous memory is mapped.
    static let sizes = [0, 1, 1023, 1024, 1025, 300_000]

    @Test func everyStoreHandsOutAlignedZeros() throws {
        let folder = try TestFiles.temporaryFolder()
        let stores: [any FloatStore] = [
            AnonymousFloats(), try MappedFloats(folder: folder.path),
        ]
        for store in stores {
            let buffers = try Self.sizes.map { try store.makeBuffer(count: $0) }
            for (index, buffer) in buffers.enumerated() {
                #expect(buffer.count == Self.sizes[index])
                #expect(UInt(bitPattern: buffer.start) % 64 == 0)
                let matrix = Matrix(
                    buffer, offset: 0, rows: 1, columns: buffer.count, stride: buffer.count)
                #expect(matrix.values.allSatisfy { $0 == 0 })
                matrix.fill(Float(index + 1))
            }
            // No buffer overlaps another.
            for (index, buffer) in buffers.enumerated() {
                #expect((0..<buffer.count).allSatisfy { buffer.start[$0] == Float(index + 1) })
            }
        }
    }

    @Test func mappedFloatsAreWrittenToAFileWithoutAName() throws {
        let folder = try TestFiles.temporaryFolder()
        let store = try MappedFloats(folder: folder.path)
        let first = try store.makeMatrix(rows: 3, columns: 5)
        let second = try store.makeMatrix(rows: 1000, columns: 700)
        for row in 0..<1000 { second[row, 699] = Float(row) }
        first[2, 4] = 7
        #expect(try FileSystem.names(in: folder.path).isEmpty)
        func stored(at offset: Int) throws -> Float {
            var value: Float = 0
            let count = try withUnsafeMutableBytes(of: &value) { (bytes) throws(SwiftletError) in
                try store.file.read(into: bytes, at: offset)
            }
            #expect(count == 4)
            return value
        }
        #expect(try stored(at: 14 * 4) == 7)
        #expect(try stored(at: SystemMemory.pageSize + (999 * 700 + 699) * 4) == 999)
    }

    @Test func mappedBuffersOutliveTheirStore() throws {
        let folder = try TestFiles.temporaryFolder()
        let matrix = try MappedFloats(folder: folder.path).makeMatrix(rows: 40, columns: 50)
        matrix.fill(3)
        #expect(matrix.values == [Float](repeating: 3, count: 2000))
    }

    /// The same updates in either kind of memory are bit-identical.
    @Test func resultsDoNotDependOnTheStore() throws {
        let folder = try TestFiles.temporaryFolder()
        let stores: [any FloatStore] = [
            AnonymousFloats(), try MappedFloats(folder: folder.path),
        ]
        let results = try stores.map { store in
            var samples = Samples(70)
            let matrices = try (0..<4).map { _ in try store.makeMatrix(rows: 70, columns: 300) }
            matrices[0].copy(from: samples.matrix(70, 300))
            let x = samples.matrix(20, 300)
            let y = Matrix(rows: 20, columns: 70)
            for t in 1...3 {
                matrices[1].copy(from: samples.matrix(70, 300))
                contexts[1].adamW(
                    matrices[0], gradient: matrices[1], firstMoment: matrices[2],
                    secondMoment: matrices[3], gradientScale: 0.5,
                    step: AdamWStep(t: t, learningRate: 0.01, weightDecay: 0.1))
            }
            contexts[1].product(x, Weight(matrices[0], order: .outIn), into: y)
            return matrices.flatMap(\.values) + y.values
        }
        #expect(results[0] == results[1])
    }

    @Test func aDiskWithoutRoomIsAnErrorThatLeavesTheStoreUsable() throws {
        let folder = try TestFiles.temporaryFolder()
        let store = try MappedFloats(folder: folder.path)
        let before = try store.makeMatrix(rows: 1, columns: 10)
        before.fill(1)
        #expect(throws: SwiftletError(.writeFailed, "")) {
            try store.makeBuffer(count: 1 << 50)
        }
        let after = try store.makeMatrix(rows: 1, columns: 10)
        #expect(after.values.allSatisfy { $0 == 0 })
        #expect(before.values.allSatisfy { $0 == 1 })
    }

    #if os(Linux)
        /// The reservation itself fails, as it does when others fill the disk at the same time.
        @Test func aRefusedReservationIsAnError() async {
            await #expect(processExitsWith: .success) {
                signal(SIGXFSZ, SIG_IGN)
                let folder = try TestFiles.temporaryFolder()
                let store = try MappedFloats(folder: folder.path)
                _ = try store.makeBuffer(count: 1000)
                var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
                #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                #expect(throws: SwiftletError(.writeFailed, "")) {
                    try store.makeBuffer(count: 1 << 20)
                }
                #expect(try store.file.status().size == SystemMemory.pageSize)
                _ = try store.makeBuffer(count: 1000)
            }
        }
    #endif

    @Test func aFolderThatDoesNotExistIsAnError() {
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try MappedFloats(folder: "/no/such/folder")
        }
    }

    @Test func memoryThatCannotBeHadIsAnError() {
        #expect(throws: SwiftletError(.noMemory, "")) {
            try AnonymousFloats().makeBuffer(count: 1 << 50)
        }
    }
}
