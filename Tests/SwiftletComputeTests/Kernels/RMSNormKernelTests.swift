import CSwiftletKernels
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct RMSNorm {
        @Test func forward() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 18)
                atEveryLevel { level in
                    for columns in oddSizes where columns > 0 {
                        let (rows, stride) = (3, columns + 1)
                        let size = Float(columns % 2 == 0 ? 2 : 1e-3)
                        let x = Fenced(
                            numbers.floats(rows * stride - 1, in: -size...size))
                        let gain = columns % 3 == 0 ? nil : Fenced(numbers.floats(columns))
                        let rstd = Fenced<Float>(count: rows)
                        let y = Fenced(x.values)
                        // In place, to cover aliasing.
                        swiftlet_rms_norm(
                            y.pointer, stride, gain?.pointer, 1e-6, y.pointer, stride,
                            rstd.pointer, rows, columns)
                        for row in 0..<rows {
                            let line = (0..<columns).map { Double(x.pointer[row * stride + $0]) }
                            let factor = scale(line)
                            let what = "level \(level), columns \(columns)"
                            expectClose(rstd.pointer[row], factor, within: 1e-6 * factor, "\(what)")
                            let wanted = (0..<columns).map {
                                line[$0] * factor * Double(gain?.pointer[$0] ?? 1)
                            }
                            expectClose(
                                Array(y.values[row * stride..<row * stride + columns]), wanted,
                                within: { 1e-6 * abs(wanted[$0]) + 1e-12 }, what)
                        }
                        #expect(y.isStartIntact)
                    }
                }
            }
        }

        @Test func backwardAgainstCentralDifferences() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 19)
                atEveryLevel { level in
                    for columns in [1, 7, 8, 17, 33, 67] {
                        checkBackward(columns: columns, level: level, numbers: &numbers)
                    }
                }
            }
        }
    }
}

private func scale(_ line: [Double]) -> Double {
    let squares = line.reduce(0) { $0 + $1 * $1 }
    return 1 / (squares / Double(line.count) + Double(Float(1e-6))).squareRoot()
}

/// Compares the gradients of sum(dy * rmsNorm(x)) with central differences of that sum in Double, where
/// dx overwrites dy and where it is added.
private func checkBackward(columns: Int, level: swiftlet_level, numbers: inout SplitMix64) {
    let rows = 2
    let x = Fenced(numbers.floats(rows * columns))
    let dy = numbers.floats(rows * columns)
    let gain = Fenced(numbers.floats(columns))
    let rstd = Fenced<Float>(count: rows)
    let y = Fenced<Float>(count: rows * columns)
    swiftlet_rms_norm(
        x.pointer, columns, gain.pointer, 1e-6, y.pointer, columns, rstd.pointer, rows, columns)
    let oldGain = numbers.floats(columns)
    let (dx, dgain) = (Fenced(dy), Fenced(oldGain))
    swiftlet_rms_norm_backward(
        dx.pointer, columns, x.pointer, columns, gain.pointer, rstd.pointer, dx.pointer, columns,
        0, dgain.pointer, rows, columns)
    let old = numbers.floats(rows * columns)
    let added = Fenced(old)
    swiftlet_rms_norm_backward(
        Fenced(dy).pointer, columns, x.pointer, columns, gain.pointer, rstd.pointer,
        added.pointer, columns, 1, nil, rows, columns)

    func loss(_ x: [Double], _ gain: [Double]) -> Double {
        (0..<rows).reduce(0) { sum, row in
            let line = Array(x[row * columns..<(row + 1) * columns])
            let factor = scale(line)
            return (0..<columns).reduce(sum) {
                $0 + Double(dy[row * columns + $1]) * line[$1] * factor * gain[$1]
            }
        }
    }
    func slope(_ values: [Double], at index: Int, _ loss: ([Double]) -> Double) -> Double {
        let step = 1e-5
        var (up, down) = (values, values)
        up[index] += step
        down[index] -= step
        return (loss(up) - loss(down)) / (2 * step)
    }
    let (xs, gains) = (x.values.map(Double.init), gain.values.map(Double.init))
    let what = "level \(level), columns \(columns)"
    let wantedX = xs.indices.map { slope(xs, at: $0) { loss($0, gains) } }
    expectClose(
        dx.values, wantedX, within: { 2e-5 * (1 + abs(wantedX[$0])) }, "dx, \(what)")
    expectClose(
        added.values, zip(old, dx.values).map { Double($0) + Double($1) },
        within: { 2e-7 * (1 + abs(Double(added.values[$0]))) }, "accumulate, \(what)")
    let wantedGain = gains.indices.map {
        slope(gains, at: $0) { loss(xs, $0) } + Double(oldGain[$0])
    }
    expectClose(dgain.values, wantedGain, within: { _ in 1e-5 }, "dgain, \(what)")
    #expect(dx.isStartIntact && dgain.isStartIntact)
}
