import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing

extension KernelTests {
    @Suite struct Convert {
        @Test func wideningIsExactForAllPatterns() async {
            await #expect(processExitsWith: .success) {
                let patterns = (0...UInt16.max).map { $0 }
                atEveryLevel { level in
                    for dtype in [SWIFTLET_F16, SWIFTLET_BF16] {
                        for shift in 0...1 {
                            let source = Fenced(patterns, misalignedBy: shift)
                            let target = Fenced<Float>(count: patterns.count)
                            swiftlet_widen(dtype, source.pointer, target.pointer, patterns.count)
                            let wrong = zip(patterns, target.values).first {
                                $1.bitPattern != widened($0, dtype)
                            }
                            #expect(wrong == nil, "level \(level), dtype \(dtype)")
                            #expect(target.isStartIntact)
                        }
                    }
                }
            }
        }

        @Test func narrowingIsTheInverseOfWidening() async {
            await #expect(processExitsWith: .success) {
                let patterns = (0...UInt16.max).map { $0 }
                atEveryLevel { level in
                    for dtype in [SWIFTLET_F16, SWIFTLET_BF16] {
                        let source = Fenced(
                            patterns.map { Float(bitPattern: widened($0, dtype)) })
                        let target = Fenced([UInt16](repeating: 0, count: patterns.count))
                        let overflows = swiftlet_narrow(
                            dtype, source.pointer, target.pointer, patterns.count)
                        #expect(overflows == 0)
                        let quiet: UInt16 = dtype == SWIFTLET_F16 ? 0x200 : 0x40
                        let wrong = zip(patterns, target.values).first { pattern, result in
                            let isNaN = Float(bitPattern: widened(pattern, dtype)).isNaN
                            return result != (isNaN ? pattern | quiet : pattern)
                        }
                        #expect(wrong == nil, "level \(level), dtype \(dtype)")
                    }
                }
            }
        }

        @Test func narrowingRoundsToNearestEven() async {
            await #expect(processExitsWith: .success) {
                for dtype in [SWIFTLET_F16, SWIFTLET_BF16] {
                    // Each value of the type, the midpoint to the next value and the floats on both
                    // sides of it. Overflow begins at the last midpoint.
                    let infinity: UInt16 = dtype == SWIFTLET_F16 ? 0x7C00 : 0x7F80
                    var inputs: [Float] = []
                    for pattern in stride(from: 0, to: infinity, by: 1) {
                        let low = Float(bitPattern: widened(pattern, dtype))
                        let high =
                            pattern + 1 < infinity
                            ? Double(Float(bitPattern: widened(pattern + 1, dtype)))
                            : Double(low) * 2
                                - Double(Float(bitPattern: widened(pattern - 1, dtype)))
                        let middle = Float((Double(low) + high) / 2)
                        inputs += [low, -middle, middle, middle.nextDown, middle.nextUp]
                    }
                    inputs += [.leastNonzeroMagnitude, -.leastNonzeroMagnitude, -0.0, 1e30, -1e38]
                    inputs += [.greatestFiniteMagnitude, .infinity, -.infinity]
                    let wanted = inputs.map { rounded($0, dtype) }
                    let overflows = zip(inputs, wanted).filter { $0.isFinite && $1.isInfinite }
                        .count
                    #expect(overflows > 3)
                    atEveryLevel { level in
                        let source = Fenced(inputs)
                        let target = Fenced([UInt16](repeating: 0, count: inputs.count))
                        let count = swiftlet_narrow(
                            dtype, source.pointer, target.pointer, inputs.count)
                        #expect(count == overflows, "level \(level), dtype \(dtype)")
                        let results = target.values
                        let wrong = inputs.indices.first {
                            widened(results[$0], dtype) != wanted[$0].bitPattern
                        }
                        if let wrong {
                            Issue.record("level \(level), dtype \(dtype): \(inputs[wrong])")
                        }
                    }
                }
            }
        }

        @Test func oddSizesAndAddresses() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 1)
                atEveryLevel { level in
                    for count in oddSizes {
                        let values = numbers.floats(count, in: -70000...70000)
                        let source = Fenced(values)
                        for dtype in [SWIFTLET_F16, SWIFTLET_BF16] {
                            let half = Fenced(
                                [UInt16](repeating: 0, count: count), misalignedBy: 1)
                            let overflows = swiftlet_narrow(
                                dtype, source.pointer, half.pointer, count)
                            let wanted = values.map { rounded($0, dtype) }
                            #expect(overflows == wanted.filter(\.isInfinite).count)
                            #expect(half.isStartIntact)
                            let back = Fenced<Float>(count: count)
                            swiftlet_widen(dtype, half.pointer, back.pointer, count)
                            #expect(bits(back.values) == bits(wanted), "level \(level), \(count)")
                            #expect(back.isStartIntact)
                        }
                        let copy = Fenced<Float>(count: count)
                        swiftlet_widen(SWIFTLET_F32, source.pointer, copy.pointer, count)
                        #expect(bits(copy.values) == bits(values))
                    }
                }
            }
        }
    }
}

/// The f32 bits of a 16-bit pattern.
func widened(_ pattern: UInt16, _ dtype: swiftlet_dtype) -> UInt32 {
    let value =
        dtype == SWIFTLET_BF16
        ? FloatFormat.widen(bfloat: pattern) : FloatFormat.widen(half: pattern)
    return value.bitPattern
}

/// `value` rounded to the nearest value of the type, ties to even, computed in Double.
func rounded(_ value: Float, _ dtype: swiftlet_dtype) -> Float {
    guard value.isFinite, value != 0 else { return value }
    let (digits, least, limit) =
        dtype == SWIFTLET_F16 ? (10, -14, 0x1p16) : (7, -126, 0x1p128)
    let unit = scalbn(1.0, max(Int(value.exponent), least) - digits)
    let result = (Double(value) / unit).rounded(.toNearestOrEven) * unit
    return abs(result) >= limit ? (value < 0 ? -.infinity : .infinity) : Float(result)
}
