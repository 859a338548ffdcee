import CSwiftletKernels
import SwiftletBytes
import Testing

extension KernelTests {
    @Suite struct Quantize {
        @Test func everyLevelRoundsToNearestEven() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 21)
                for count in oddSizes {
                    var x = numbers.floats(count, in: -140...140)
                    for i in stride(from: 0, to: count, by: 3) {
                        x[i] = x[i].rounded(.towardZero) + 0.5
                    }
                    if count > 8 { x[3...6] = [.nan, .infinity, -.infinity, -0.0] }
                    let factors = numbers.floats(count, in: 0.5...1.5)
                    for columns in [false, true] {
                        let wanted = x.indices.map { i in
                            let value = x[i] * (columns ? factors[i] : 1)
                            return value.isNaN
                                ? 0 : Int8(max(-127, min(127, value.rounded(.toNearestOrEven))))
                        }
                        atEveryLevel { level in
                            let y = Fenced([Int8](repeating: 99, count: count))
                            swiftlet_quantize(
                                Fenced(x).pointer, columns ? Fenced(factors).pointer : nil, 1,
                                y.pointer, count)
                            #expect(y.values == wanted, "level \(level), count \(count)")
                            #expect(y.isStartIntact)
                            let wide = Fenced<Float>(count: count)
                            swiftlet_widen_i8(
                                y.pointer, columns ? Fenced(factors).pointer : nil, 0.25,
                                wide.pointer, count)
                            let back = wanted.indices.map {
                                Float(wanted[$0]) * (columns ? factors[$0] : 0.25)
                            }
                            #expect(wide.values == back, "level \(level), count \(count)")
                            #expect(wide.isStartIntact)
                        }
                    }
                }
            }
        }

        @Test func magnitudes() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 22)
                atEveryLevel { level in
                    for count in oddSizes {
                        let x = numbers.floats(count)
                        let old = numbers.floats(count, in: 0...2)
                        let most = Fenced(old)
                        swiftlet_raise_magnitudes(Fenced(x).pointer, most.pointer, count)
                        #expect(most.values == zip(x, old).map { max(abs($0), $1) })
                        #expect(most.isStartIntact)
                        let largest = swiftlet_largest_magnitude(Fenced(x).pointer, count)
                        #expect(largest == x.map { abs($0) }.max() ?? 0, "level \(level)")
                        guard count > 0 else { continue }
                        for odd in [Float.infinity, -.infinity, .nan, -.nan] {
                            var spoiled = x
                            spoiled[count - 1] = odd
                            let found = swiftlet_largest_magnitude(Fenced(spoiled).pointer, count)
                            #expect(odd.isNaN ? found.isNaN : found == .infinity)
                        }
                    }
                }
            }
        }
    }
}
