import CSwiftletKernels
import SwiftletBytes
import SwiftletGGUF
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct Blocks {
        @Test func everyLevelWidensToTheBitsOfTheReference() async {
            await #expect(processExitsWith: .success) {
                let file = try GGUFFile(path: TestFiles.fixture("gguf/types.gguf"))
                let golden = try SafetensorsFile(path: TestFiles.fixture("gguf/types.safetensors"))
                let tensors = file.tensors.filter { $0.dtype.block != nil }
                #expect(tensors.count == 11)
                for tensor in tensors {
                    let block = try #require(tensor.dtype.block)
                    let kind = swiftlet_block_kind(rawValue: try #require(tensor.dtype.blockKind))
                    let expected = try #require(try golden[tensor.name]?.floats())
                    for blocks in 0...tensor.elementCount / block.elements {
                        let bytes = Array(try tensor.bytes.copy().prefix(blocks * block.bytes))
                        atEveryLevel { level in
                            for shift in 0...1 {
                                let wide = Fenced<Float>(count: blocks * block.elements)
                                swiftlet_widen_blocks(
                                    kind, Fenced(bytes, misalignedBy: shift).pointer, wide.pointer,
                                    blocks)
                                let wanted = Array(expected.prefix(wide.count))
                                #expect(
                                    bits(wide.values) == bits(wanted),
                                    "\(tensor.name), level \(level)")
                                #expect(wide.isStartIntact)
                            }
                        }
                    }
                }
            }
        }

        @Test func everyLevelRoundsHalvesAwayFromZero() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 23)
                var x = numbers.floats(32 * 40, in: -127...127)
                for start in stride(from: 0, to: x.count, by: 32) {
                    // The scale is 1, so that the elements are the quotients.
                    x[start] = 127
                    for i in start + 1..<start + 16 { x[i] = x[i].rounded(.towardZero) + 0.5 }
                    x[start + 16] = -127
                    x[start + 17] = 0.49999997
                    x[start + 18] = -0.49999997
                }
                let wanted = x.map { Int8($0.rounded(.toNearestOrAwayFromZero)) }
                atEveryLevel { level in
                    let packed = Fenced([UInt8](repeating: 99, count: 34 * 40), misalignedBy: 1)
                    #expect(swiftlet_narrow_q8_0(Fenced(x).pointer, packed.pointer, 40) == 0)
                    for block in 0..<40 {
                        let bytes = packed.values[34 * block..<34 * block + 34]
                        #expect(Array(bytes.prefix(2)) == [0, 0x3C])
                        #expect(
                            bytes.dropFirst(2).map { Int8(bitPattern: $0) }
                                == Array(wanted[32 * block..<32 * block + 32]), "level \(level)")
                    }
                    #expect(packed.isStartIntact)
                }
            }
        }
    }
}
