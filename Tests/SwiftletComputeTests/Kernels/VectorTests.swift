import CSwiftletKernels
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct Vector {
        @Test func elementwise() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 5)
                atEveryLevel { level in
                    for count in oddSizes {
                        let (a, b) = (numbers.floats(count), numbers.floats(count))
                        let x = Fenced(a)
                        let y = Fenced(b)
                        swiftlet_axpy(0.3, x.pointer, y.pointer, count)
                        expectClose(
                            y.values,
                            zip(a, b).map { Double(Float(0.3)) * Double($0) + Double($1) },
                            within: { _ in 3e-7 }, "axpy, level \(level), \(count)")
                        #expect(y.isStartIntact)

                        let out = Fenced<Float>(count: count)
                        swiftlet_add(x.pointer, Fenced(b).pointer, out.pointer, count)
                        #expect(bits(out.values) == bits(zip(a, b).map { $0 + $1 }))
                        #expect(out.isStartIntact)
                        swiftlet_add(out.pointer, x.pointer, out.pointer, count)
                        #expect(bits(out.values) == bits(zip(a, b).map { ($0 + $1) + $0 }))
                        swiftlet_scale(-1.7, x.pointer, count)
                        #expect(bits(x.values) == bits(a.map { -1.7 * $0 }))
                        #expect(x.isStartIntact)
                    }
                }
            }
        }

        @Test func sumOfSquaresIsInDouble() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 6)
                atEveryLevel { level in
                    for count in oddSizes {
                        // 1e30 squared is out of range for f32.
                        let values = numbers.floats(count, in: -1e30...1e30)
                        let wanted = values.reduce(0.0) { $0 + Double($1) * Double($1) }
                        let sum = swiftlet_sum_of_squares(Fenced(values).pointer, count)
                        #expect(abs(sum - wanted) <= 1e-14 * wanted, "level \(level), \(count)")
                    }
                }
            }
        }

        @Test func statisticsIgnoreNaN() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 8)
                atEveryLevel { level in
                    for count in oddSizes {
                        var values = numbers.floats(count)
                        for index in stride(from: 1, to: count, by: 5) { values[index] = .nan }
                        if count > 7 { values[7] = -.infinity }
                        let real = values.filter { !$0.isNaN }
                        let found = swiftlet_statistics_of(
                            SWIFTLET_F32, Fenced(values).pointer, count)
                        #expect(found.min == real.min() ?? .infinity, "level \(level), \(count)")
                        #expect(found.max == real.max() ?? -.infinity)
                        #expect(found.nan_count == count - real.count)
                        let sum = real.reduce(0.0) { $0 + Double($1) }
                        #expect(found.sum == sum || abs(found.sum - sum) < 1e-12 * Double(count))
                        for (dtype, size) in [(SWIFTLET_F16, 2), (SWIFTLET_BF16, 2)] {
                            var narrow = [UInt8](repeating: 0, count: count * size)
                            swiftlet_narrow(dtype, values, &narrow, count)
                            var wide = [Float](repeating: 0, count: count)
                            swiftlet_widen(dtype, narrow, &wide, count)
                            let real = wide.filter { !$0.isNaN }
                            let found = swiftlet_statistics_of(
                                dtype, Fenced(narrow).pointer, count)
                            #expect(found.min == real.min() ?? .infinity)
                            #expect(found.max == real.max() ?? -.infinity)
                            #expect(found.nan_count == count - real.count)
                        }
                    }
                }
            }
        }

        @Test func columnSumsAddTheRowsInOrder() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 7)
                atEveryLevel { level in
                    for columns in oddSizes {
                        for rows in [0, 1, 3, 4, 5, 11] {
                            let stride = columns + 2
                            let x = Fenced(numbers.floats(max(0, rows * stride - 2)))
                            let y = Fenced(numbers.floats(columns))
                            var wanted = y.values
                            for row in 0..<rows {
                                for column in 0..<columns {
                                    wanted[column] += x.pointer[row * stride + column]
                                }
                            }
                            swiftlet_add_column_sums(x.pointer, stride, rows, columns, y.pointer)
                            #expect(
                                bits(y.values) == bits(wanted), "level \(level), \(rows)x\(columns)"
                            )
                            #expect(y.isStartIntact)
                        }
                    }
                }
            }
        }
    }
}
