import CSwiftletKernels
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct ProductPanels {
        private static let forms = [
            SWIFTLET_PANEL_F32, SWIFTLET_PANEL_ROUNDED, SWIFTLET_PANEL_BF16,
        ]

        /// Every form of panels, both ways in which a factor may lie in memory, every dtype of the
        /// right one, and sizes around those of panels.
        @Test func panelsAgreeWithDouble() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 23)
                let heights = [1, 5, 6, 7, 12, 13, 14, 15, 29]
                let widths = [1, 7, 8, 9, 16, 17, 31, 32, 33, 70]
                let depths = [1, 2, 3, 4, 5, 8, 9, 17, 129, 262]
                for turn in 0..<90 {
                    let (m, n) = (heights[turn % 9], widths[turn % 10])
                    let k = depths[turn / 9]
                    for way in 0..<4 {
                        let (leftBySteps, rightBySteps) = (way & 1 == 1, way & 2 == 2)
                        let dtype = [SWIFTLET_F32, SWIFTLET_F16, SWIFTLET_BF16][(turn + way) % 3]
                        let left = Factor(m, k, bySteps: leftBySteps, SWIFTLET_F32, &numbers)
                        let right = Factor(n, k, bySteps: rightBySteps, dtype, &numbers)
                        let old = numbers.floats(m * n)
                        for form in Self.forms {
                            let adds = turn % 2 == 0
                            let sum = Factor.product(
                                left, right, rounds: form != SWIFTLET_PANEL_F32)
                            let wanted = zip(sum, old).map { $0 + (adds ? Double($1) : 0) }
                            atEveryLevel { level in
                                let y = Fenced(old)
                                multiply(left, right, form, into: y, adds: adds)
                                expectClose(
                                    y.values, wanted, within: { _ in 2e-6 * Double(k + 4) },
                                    "level \(level), form \(form), m \(m), n \(n), k \(k)")
                                #expect(y.isStartIntact)
                            }
                        }
                    }
                }
            }
        }

        /// A result does not depend on what else is computed, nor on the number of lanes.
        @Test func resultsDependOnTheirOwnLinesOnly() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 24)
                let (m, n, k) = (29, 70, 50)
                let left = Factor(m, k, bySteps: false, SWIFTLET_F32, &numbers)
                let right = Factor(n, k, bySteps: true, SWIFTLET_F32, &numbers)
                var seen: [[UInt32]] = []
                atEveryLevel { level in
                    guard level != SWIFTLET_LEVEL_PORTABLE else { return }
                    let y = Fenced(count: m * n)
                    multiply(left, right, SWIFTLET_PANEL_F32, into: y, adds: false)
                    seen.append(bits(y.values))
                    for row in 0..<m {
                        let one = Fenced(count: n)
                        multiply(left.line(row), right, SWIFTLET_PANEL_F32, into: one, adds: false)
                        #expect(bits(one.values) == Array(seen[0][row * n..<(row + 1) * n]))
                    }
                }
                #expect(seen.allSatisfy { $0 == seen[0] })
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

/// A factor of a product: lines × steps, with gaps between the rows of its memory.
private struct Factor {
    let lines: Int
    let steps: Int
    let bySteps: Bool
    let dtype: swiftlet_dtype
    /// The values, line by line, as they are after rounding to the dtype.
    let values: [Float]
    let bytes: Fenced<UInt8>
    let stride: Int

    init(
        _ lines: Int, _ steps: Int, bySteps: Bool, _ dtype: swiftlet_dtype,
        _ numbers: inout SplitMix64
    ) {
        self.init(
            lines, steps, bySteps: bySteps, dtype, values: numbers.floats(lines * steps))
    }

    private init(
        _ lines: Int, _ steps: Int, bySteps: Bool, _ dtype: swiftlet_dtype, values: [Float]
    ) {
        self.lines = lines
        self.steps = steps
        self.bySteps = bySteps
        self.dtype = dtype
        let (rows, columns) = bySteps ? (steps, lines) : (lines, steps)
        let stride = columns + 3
        let width = dtype == SWIFTLET_F32 ? 4 : 2
        var bytes = [UInt8](repeating: 0xFF, count: ((rows - 1) * stride + columns) * width)
        var rounded = values
        bytes.withUnsafeMutableBytes { all in
            guard let base = all.baseAddress else { return }
            for (index, value) in values.enumerated() {
                let (line, step) = (index / steps, index % steps)
                let (row, column) = bySteps ? (step, line) : (line, step)
                let place = base + (row * stride + column) * width
                if width == 4 {
                    place.storeBytes(of: value, as: Float.self)
                } else {
                    var value = value
                    _ = swiftlet_narrow(dtype, &value, place, 1)
                    swiftlet_widen(dtype, place, &rounded[index], 1)
                }
            }
        }
        self.stride = stride
        self.values = rounded
        self.bytes = Fenced(bytes)
    }

    func line(_ index: Int) -> Factor {
        Factor(
            1, steps, bySteps: false, SWIFTLET_F32,
            values: Array(values[index * steps..<(index + 1) * steps]))
    }

    static func product(_ left: Factor, _ right: Factor, rounds: Bool) -> [Double] {
        func value(_ x: Float) -> Double {
            guard rounds else { return Double(x) }
            let bits = (x.bitPattern + 0x7fff + (x.bitPattern >> 16 & 1)) & 0xffff_0000
            return Double(Float(bitPattern: bits))
        }
        let (a, b) = (left.values.map(value), right.values.map(value))
        var result: [Double] = []
        for row in 0..<left.lines {
            for column in 0..<right.lines {
                var sum = 0.0
                for step in 0..<left.steps {
                    sum += a[row * left.steps + step] * b[column * right.steps + step]
                }
                result.append(sum)
            }
        }
        return result
    }
}

private func multiply(
    _ left: Factor, _ right: Factor, _ form: swiftlet_panel_form, into y: Fenced<Float>, adds: Bool
) {
    let words = form == SWIFTLET_PANEL_BF16 ? (left.steps + 1) / 2 : left.steps
    let (rows, columns) = (swiftlet_panel_rows(), swiftlet_panel_columns())
    func memory(_ lines: Int, _ height: Int) -> Fenced<UInt32> {
        Fenced([UInt32](repeating: .max, count: (lines + height - 1) / height * height * words))
    }
    let (a, b) = (memory(left.lines, rows), memory(right.lines, columns))
    swiftlet_pack_left(
        form, left.dtype, left.bySteps ? 1 : 0, left.bytes.pointer, left.stride, left.lines,
        left.steps, a.pointer, rows * words)
    swiftlet_pack_right(
        form, right.dtype, right.bySteps ? 1 : 0, right.bytes.pointer, right.stride, right.lines,
        right.steps, b.pointer, columns * words)
    swiftlet_multiply_panels(
        form, a.pointer, rows * words, b.pointer, columns * words, y.pointer, right.lines,
        left.lines, right.lines, words, adds ? 1 : 0)
    #expect(a.isStartIntact && b.isStartIntact)
}
