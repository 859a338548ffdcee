import CSwiftletKernels
import Foundation
import SwiftletBytes
import SwiftletCompute
import Testing
import _SwiftletTestSupport

/// e ψ′(1 + e) − 1.
private func slope(_ e: Double) -> Double { SpecialFunctions.concentrationSlope(1, e) - 1 }
/// e ψ(1 + e) − log Γ(1 + e) − e.
private func excess(_ e: Double) -> Double { SpecialFunctions.excess(1, e, logarithm: log(e)) }

/// Logits of a model: most far below the best, some above it; and a masked one.
private func logits(_ count: Int, seed: UInt64, in range: ClosedRange<Float>) -> [Float] {
    var numbers = SplitMix64(seed: seed)
    var logits = numbers.floats(count, in: range)
    if count > 2 { logits[count / 2] = -.infinity }
    return logits
}

private let ranges: [ClosedRange<Float>] = [-30...(-5), -9...2, -2...2, -25...25, 15...24]

extension KernelTests {
    @Suite struct EvidentialLoops {
        @Test func sumsAgreeWithDouble() async {
            await #expect(processExitsWith: .success) {
                for count in oddSizes {
                    for (seed, range) in ranges.enumerated() {
                        let x = logits(count, seed: UInt64(seed), in: range)
                        let f = x.map { exp(Double($0) + 0.5) }
                        let (low, high) = (exp(-10.0), exp(10.0))
                        let e = f.map { min(max($0, low), high) }
                        let wanted = [
                            e.reduce(0, +), f.reduce(0, +),
                            zip(f, e).reduce(0) { $0 + $1.0 * $1.1 },
                            zip(f, e).reduce(0) { $0 + $1.0 * $1.1 * $1.1 },
                        ]
                        atEveryLevel { level in
                            let y = Fenced(x)
                            var sums = [Double](repeating: -1, count: 4)
                            swiftlet_evidence_moments(
                                y.pointer, count, 0.5, Float(low), Float(high), &sums)
                            expectClose(
                                sums, wanted, within: { 2e-6 * wanted[$0] + 1e-300 },
                                "count \(count), level \(level), \(range)")
                            expectClose(
                                y.values, f, within: { 2e-6 * f[$0] + 1e-37 },
                                "count \(count), level \(level), \(range)")
                            #expect(y.isStartIntact)
                            // Without moments, what is out of bounds stays so.
                            let bounded = Fenced(x)
                            swiftlet_evidence(
                                bounded.pointer, count, 0.5, 10, Float(low), Float(high), &sums)
                            expectClose(sums[0], wanted[0], within: 2e-6 * wanted[0])
                            for (found, wanted) in zip(bounded.values, f) {
                                if wanted < low * 0.9999 {
                                    #expect(found < Float(low))
                                } else if wanted > high * 1.0001 {
                                    #expect(found > Float(high))
                                } else {
                                    #expect(abs(Double(found) / wanted - 1) < 4e-6)
                                }
                            }
                            #expect(bounded.isStartIntact)
                        }
                    }
                }
            }
        }

        @Test func boundsAreWithinThemselves() async {
            await #expect(processExitsWith: .success) {
                atEveryLevel { _ in
                    for clamp: Float in [0, 0.5, 1, 10, 20] {
                        let bounds = VocabularyRow.EvidenceBounds(clamp: clamp)
                        let x = Fenced([clamp, -clamp, clamp.nextUp, -clamp.nextUp, 1e4, -1e4])
                        var sum = 0.0
                        swiftlet_evidence(
                            x.pointer, 2, 0, clamp, bounds.low, bounds.high, &sum)
                        #expect(x.values[0] == bounds.high && x.values[1] == bounds.low)
                        swiftlet_evidence(
                            x.pointer + 4, 2, 0, clamp, bounds.low, bounds.high, &sum)
                        #expect(x.values[4] > bounds.high && x.values[5] < bounds.low)
                        expectClose(
                            sum, Double(bounds.low) + Double(bounds.high), within: 1e-6 * sum)
                        let nan = Fenced<Float>([.nan])
                        swiftlet_evidence(
                            nan.pointer, 1, 0, clamp, bounds.low, bounds.high, &sum)
                        #expect(sum.isNaN && nan.values[0].isNaN)
                    }
                }
            }
        }

        @Test func hardGradientsAgreeWithDouble() async {
            await #expect(processExitsWith: .success) {
                let (low, high) = (exp(-20.0), exp(20.0))
                for count in oddSizes {
                    for (seed, range) in ranges.enumerated() {
                        let f = logits(count, seed: UInt64(seed), in: range).map { exp($0) }
                        let e = f.map { min(max(Double($0), low), high) }
                        for second in [Float(0), 2e-5, 0.7] {
                            let first: Float = 3e-5
                            let wanted = zip(f, e).map { f, e in
                                Double(f) < low * 0.9999 || Double(f) > high * 1.0001
                                    ? 0 : e * (Double(first) + Double(second) * slope(e))
                            }
                            let sum = second == 0 ? 0 : e.map(excess).reduce(0, +)
                            atEveryLevel { level in
                                let y = Fenced(f)
                                var found = -1.0
                                swiftlet_evidential_hard(
                                    y.pointer, count, Float(low), Float(high), first, second,
                                    &found)
                                expectClose(
                                    found, sum,
                                    within: 2.6e-5 * Double(count) + 2e-6 * abs(sum),
                                    "count \(count), level \(level)")
                                expectClose(
                                    y.values, wanted,
                                    within: {
                                        4e-7 * e[$0] * Double(first)
                                            + 2.7e-5 * Double(second) * min(e[$0], 1)
                                    }, "count \(count), level \(level), \(range), \(second)")
                                #expect(y.isStartIntact)
                            }
                        }
                    }
                }
            }
        }

        @Test func softGradientsAgreeWithDouble() async {
            await #expect(processExitsWith: .success) {
                let (low, high) = (exp(-20.0), exp(20.0))
                var terms = swiftlet_evidential_terms(
                    weight: 0.25, share: 0, common: 2e-4, divergence: 3e-4, slope: -0.75,
                    bend: 1e-6)
                for count in oddSizes {
                    for (seed, range) in ranges.dropLast().enumerated() {
                        let f = logits(count, seed: UInt64(seed), in: range).map { exp($0) }
                        let e = f.map { min(max(Double($0), low), high) }
                        terms.share = Float(0.5 / max(1e-30, f.reduce(0) { $0 + Double($1) }))
                        let t = terms
                        let wanted = zip(f, e).map { f, e in
                            let p = Double(t.share) * Double(f)
                            let b = Double(t.divergence)
                            let g =
                                e * Double(t.common) - p * e / (1 + e)
                                + b
                                * ((1 - p) * e * slope(e) + p * e
                                    * (Double(t.slope) - e * Double(t.bend)))
                            return Double(f) < low * 0.9999 || Double(f) > high * 1.0001
                                ? 0 : g * Double(t.weight)
                        }
                        let sums = [
                            e.map(excess).reduce(0, +),
                            zip(f, e).reduce(0) { $0 + Double($1.0) * log1p($1.1) },
                            zip(f, e).reduce(0) { $0 + Double($1.0) * excess($1.1) },
                        ]
                        atEveryLevel { level in
                            let y = Fenced(f)
                            var found = [Double](repeating: -1, count: 3)
                            var kernel = t
                            swiftlet_evidential_soft(
                                y.pointer, count, Float(low), Float(high), &kernel, &found)
                            let mass = f.reduce(0) { $0 + Double($1) }
                            expectClose(
                                found, sums,
                                within: {
                                    2e-6 * abs(sums[$0]) + 2.6e-5 * ($0 == 0 ? Double(count) : mass)
                                }, "count \(count), level \(level), \(range)")
                            expectClose(
                                y.values, wanted,
                                within: {
                                    let (e, p) = (e[$0], Double(t.share) * Double(f[$0]))
                                    let b = Double(t.divergence)
                                    let own = e * Double(t.common) + p * e / (1 + e)
                                    let rest = b * p * e * (0.75 + e * Double(t.bend))
                                    return 1e-6 * (own + rest) + 2.7e-5 * b * min(e, 1)
                                },
                                "count \(count), level \(level), \(range)")
                            #expect(y.isStartIntact)
                        }
                    }
                }
            }
        }

        @Test func exponentialsAndTheirProducts() async {
            await #expect(processExitsWith: .success) {
                for count in oddSizes where count > 0 {
                    let x = logits(count, seed: 5, in: -12...12)
                    let top = x.max() ?? 0
                    let powers = x.map { exp(Double($0) - Double(top)) }
                    let dot = zip(x, powers).reduce(0) { sum, pair in
                        pair.1 == 0 ? sum : sum + pair.1 * (Double(pair.0) - Double(top))
                    }
                    atEveryLevel { level in
                        let y = Fenced(x)
                        var found = 0.0
                        let sum = swiftlet_exp_sum_dot(y.pointer, top, y.pointer, count, &found)
                        expectClose(sum, powers.reduce(0, +), within: 1e-6 * sum)
                        expectClose(found, dot, within: 2e-6 * abs(dot) + 1e-30)
                        expectClose(y.values, powers, within: { 1e-6 * powers[$0] + 1e-37 })
                        #expect(y.isStartIntact)
                    }
                }
            }
        }

        @Test func indicesAboveAValue() async {
            await #expect(processExitsWith: .success) {
                for count in oddSizes {
                    let x = logits(count, seed: 6, in: -1...1)
                    let wanted = x.indices.filter { x[$0] > 0.75 }
                    atEveryLevel { _ in
                        for limit in [0, 3, 2000] {
                            var found = [size_t](repeating: 0, count: limit)
                            let number = swiftlet_indices_above(
                                Fenced(x).pointer, count, 0.75, &found, limit)
                            #expect(Array(found.prefix(number)) == Array(wanted.prefix(limit)))
                        }
                    }
                }
            }
        }
    }
}
