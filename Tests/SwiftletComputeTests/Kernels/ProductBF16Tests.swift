import CSwiftletKernels
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct ProductBF16 {
        @Test func packedPairsAgreeWithDouble() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 23)
                let sizes = [1, 2, 7, 31, 32, 33, 65]
                for (turn, (n, k)) in sizes.flatMap({ n in sizes.map { (n, $0) } }).enumerated() {
                    let m = [1, 2, 3, 4, 5, 12, 13, 17, 29][turn % 9]
                    for inOut in [false, true] {
                        let (w, x) = (halves(n * k, &numbers), halves(m * k, &numbers))
                        let old = numbers.floats(m * n)
                        var pairs = [UInt32](repeating: 0, count: m * ((k + 1) / 2))
                        for i in 0..<m * k {
                            pairs[i / k * ((k + 1) / 2) + i % k / 2] |=
                                UInt32(x[i]) << (i % k % 2 == 0 ? 0 : 16)
                        }
                        for accumulate in [false, true] {
                            var wanted = [Double](repeating: 0, count: m * n)
                            for i in 0..<m * n {
                                wanted[i] = accumulate ? Double(old[i]) : 0
                                for j in 0..<k {
                                    let (column, row) = (i % n, i / n)
                                    wanted[i] +=
                                        value(x[row * k + j])
                                        * value(w[inOut ? j * n + column : column * k + j])
                                }
                            }
                            atEveryLevel { level in
                                let packed = Fenced(
                                    [UInt32](
                                        repeating: .max, count: swiftlet_packed_bf16_words(n, k)))
                                swiftlet_pack_bf16(
                                    inOut ? 1 : 0, Fenced(w).pointer, inOut ? n : k, n, k,
                                    packed.pointer)
                                let y = Fenced(old)
                                swiftlet_product_packed_bf16(
                                    packed.pointer, Fenced(pairs).pointer, (k + 1) / 2, y.pointer,
                                    n, m, n, k, accumulate ? 1 : 0)
                                expectClose(
                                    y.values, wanted, within: { _ in 2e-6 * Double(k + 4) },
                                    "level \(level), m \(m), n \(n), k \(k), in-out \(inOut)")
                                #expect(y.isStartIntact && packed.isStartIntact)
                            }
                        }
                    }
                }
            }
        }

        @Test func roundingIsNarrowingAndWidening() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 24)
                for count in oddSizes {
                    let x = numbers.floats(count)
                    var narrow = [UInt16](repeating: 0, count: count)
                    swiftlet_narrow(SWIFTLET_BF16, Fenced(x).pointer, &narrow, count)
                    let wanted = narrow.map { UInt32($0) << 16 }
                    atEveryLevel { level in
                        let y = Fenced(x)
                        swiftlet_round_bf16(y.pointer, y.pointer, count)
                        #expect(bits(y.values) == wanted, "level \(level)")
                        #expect(y.isStartIntact)
                    }
                }
            }
        }
    }
}

private func halves(_ count: Int, _ numbers: inout SplitMix64) -> [UInt16] {
    numbers.floats(count).map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) }
}

private func value(_ half: UInt16) -> Double { Double(Float(bitPattern: UInt32(half) << 16)) }
