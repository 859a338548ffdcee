import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct Softmax {
        @Test func exponentialIsAccurate() async {
            await #expect(processExitsWith: .success) {
                let inputs = stride(from: Float(-87.3), through: 88.7, by: 0.00731).map { $0 }
                let wanted = inputs.map { exp(Double($0)) }
                atEveryLevel { level in
                    let y = Fenced(inputs)
                    _ = swiftlet_exp_sum(y.pointer, 0, y.pointer, inputs.count)
                    expectClose(
                        y.values, wanted, within: { 1.5e-7 * wanted[$0] }, "level \(level)")
                }
            }
        }

        @Test func exponentialAtTheLimits() async {
            await #expect(processExitsWith: .success) {
                let inputs: [Float] = [
                    -.infinity, -1e30, -200, -104, 0, -0.0, 88.8, 1000, .infinity, .nan,
                ]
                atEveryLevel { level in
                    // Each alone, which makes it part of the tail, and all together.
                    var results = inputs.map { value in
                        let y = Fenced([value])
                        let sum = swiftlet_exp_sum(y.pointer, 0, y.pointer, 1)
                        #expect(sum.bitPattern == y.values[0].bitPattern)
                        return y.values[0]
                    }
                    let many = Fenced(inputs + inputs)
                    _ = swiftlet_exp_sum(many.pointer, 0, many.pointer, many.count)
                    #expect(bits(many.values) == bits(results + results), "level \(level)")
                    #expect(results.removeLast().isNaN)
                    #expect(results == [0, 0, 0, 0, 1, 1, .infinity, .infinity, .infinity])
                }
            }
        }

        @Test func sumsAtOddSizes() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 13)
                atEveryLevel { level in
                    for count in oddSizes + [2047, 151_937] {
                        let values = numbers.floats(count, in: -3...6)
                        let x = Fenced(values)
                        let y = Fenced<Float>(count: count)
                        let sum = swiftlet_exp_sum(x.pointer, 1.25, y.pointer, count)
                        let wanted = values.map { exp(Double($0 - 1.25)) }
                        let total = wanted.reduce(0, +)
                        expectClose(
                            y.values, wanted, within: { 2e-7 * wanted[$0] }, "level \(level)")
                        expectClose(sum, total, within: 3e-7 * total, "level \(level), \(count)")
                        #expect(y.isStartIntact)

                        let most = values.max() ?? -.infinity
                        #expect(swiftlet_max(x.pointer, count) == most)
                        let first = values.firstIndex(of: most) ?? 0
                        #expect(swiftlet_argmax(x.pointer, count) == first)
                        let lse = log(values.reduce(0.0) { $0 + exp(Double($1)) })
                        expectClose(
                            swiftlet_log_sum_exp(x.pointer, count), lse, within: 1e-6,
                            "level \(level), \(count)")
                    }
                }
            }
        }

        @Test func logSumExpAtTheLimits() async {
            await #expect(processExitsWith: .success) {
                atEveryLevel { _ in
                    for count in oddSizes where count > 0 {
                        func lse(_ values: [Float]) -> Float {
                            swiftlet_log_sum_exp(Fenced(values).pointer, values.count)
                        }
                        let low = [Float](repeating: -.infinity, count: count)
                        #expect(lse(low) == -.infinity)
                        #expect(lse(low + [5]) == 5)
                        #expect(lse(low + [.infinity]) == .infinity)
                        #expect(lse(low + [.nan]).isNaN && lse([.nan] + low).isNaN)
                        let high = [Float](repeating: 1e30, count: count)
                        #expect(lse(high) == 1e30)
                        let even = [Float](repeating: -1000, count: count)
                        expectClose(lse(even), log(Double(count)) - 1000, within: 1e-4)
                    }
                }
            }
        }

        @Test func argmaxIgnoresNaNAndReturnsTheFirst() async {
            await #expect(processExitsWith: .success) {
                atEveryLevel { level in
                    for count in oddSizes where count > 0 {
                        func argmax(_ values: [Float]) -> Int {
                            swiftlet_argmax(Fenced(values).pointer, values.count)
                        }
                        let nan = [Float](repeating: .nan, count: count)
                        #expect(argmax(nan) == 0)
                        #expect(argmax(nan + [-.infinity, -.infinity]) == count)
                        #expect(argmax(nan + [1] + nan + [1]) == count, "level \(level)")
                        let equal = [Float](repeating: 3, count: count)
                        #expect(argmax(equal) == 0)
                        #expect(argmax(equal + [4] + equal) == count)
                        #expect(argmax([-0.0, 0]) == 0)
                        #expect(swiftlet_max(Fenced(equal + [.nan]).pointer, count + 1).isNaN)
                        #expect(swiftlet_max(Fenced([.nan] + equal).pointer, count + 1).isNaN)
                    }
                }
            }
        }

        @Test func crossEntropyAgainstCentralDifferences() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 14)
                func loss(_ x: [Double], _ target: Int) -> Double {
                    log(x.reduce(0) { $0 + exp($1) }) - x[target]
                }
                atEveryLevel { level in
                    for count in [1, 7, 8, 9, 16, 33, 67, 131] {
                        let values = numbers.floats(count, in: -4...4)
                        let target = count * 2 / 3
                        let weight: Float = 0.37
                        let x = Fenced(values)
                        let result = swiftlet_cross_entropy_backward(
                            x.pointer, count, target, weight)
                        let exact = values.map(Double.init)
                        expectClose(
                            result, Double(weight) * loss(exact, target), within: 1e-6,
                            "level \(level), \(count)")
                        let wanted = exact.indices.map { i in
                            let sides = [1e-5, -1e-5].map { h in
                                var moved = exact
                                moved[i] += h
                                return loss(moved, target)
                            }
                            return Double(weight) * (sides[0] - sides[1]) / 2e-5
                        }
                        expectClose(
                            x.values, wanted, within: { _ in 1e-7 }, "level \(level), \(count)")
                        #expect(x.isStartIntact)
                    }
                }
            }
        }

        @Test func crossEntropyOfALargeVocabularyWithMaskedEntries() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 15)
                let count = 151_937
                var values = numbers.floats(count, in: 990...1000)
                for i in stride(from: 3, to: count, by: 7) { values[i] = -.infinity }
                let exact = values.reduce(0.0) { $0 + exp(Double($1) - 1000) }
                let lse = log(exact) + 1000
                atEveryLevel { level in
                    let x = Fenced(values)
                    let loss = swiftlet_cross_entropy_backward(x.pointer, count, 5, 1)
                    expectClose(loss, lse - Double(values[5]), within: 2e-6, "level \(level)")
                    var wanted = values.map { exp(Double($0) - lse) }
                    wanted[5] -= 1
                    expectClose(
                        x.values, wanted, within: { 4e-7 * abs(wanted[$0]) }, "level \(level)")
                }
            }
        }
    }
}
