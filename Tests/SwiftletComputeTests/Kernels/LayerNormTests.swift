import CSwiftletKernels
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct LayerNorm {
        @Test func forward() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 8)
                atEveryLevel { level in
                    for columns in oddSizes where columns > 0 {
                        for center in [Float(0), 100] {
                            let (rows, stride) = (3, columns + 1)
                            let x = Fenced(
                                numbers.floats(rows * stride - 1, in: center - 2...center + 2))
                            let gain = Fenced(numbers.floats(columns))
                            let bias = center == 0 ? Fenced(numbers.floats(columns)) : nil
                            let (mean, rstd) = (
                                Fenced<Float>(count: rows), Fenced<Float>(count: rows)
                            )
                            let y = Fenced(x.values)
                            // In place, to cover aliasing.
                            swiftlet_layer_norm(
                                y.pointer, stride, gain.pointer, bias?.pointer, 1e-5, y.pointer,
                                stride, mean.pointer, rstd.pointer, rows, columns)
                            for row in 0..<rows {
                                let line = (0..<columns).map {
                                    Double(x.pointer[row * stride + $0])
                                }
                                let moments = moments(line)
                                let what = "level \(level), columns \(columns), around \(center)"
                                expectClose(
                                    mean.pointer[row], moments.mean, within: 1e-5, "mean, \(what)")
                                expectClose(
                                    rstd.pointer[row], moments.rstd, within: 2e-6 * moments.rstd,
                                    "rstd, \(what)")
                                let wanted = (0..<columns).map {
                                    (line[$0] - moments.mean) * moments.rstd
                                        * Double(gain.pointer[$0]) + Double(bias?.pointer[$0] ?? 0)
                                }
                                // The mean is rounded to f32, and rstd multiplies that error.
                                let slack =
                                    4e-6 + 2.5e-7 * abs(moments.mean) * moments.rstd
                                expectClose(
                                    Array(y.values[row * stride..<row * stride + columns]), wanted,
                                    within: { _ in slack }, what)
                            }
                            #expect(y.isStartIntact)
                        }
                    }
                }
            }
        }

        @Test func missingGainIsOne() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 17)
                atEveryLevel { level in
                    for columns in oddSizes where columns > 0 {
                        let (rows, size) = (2, 2 * columns)
                        let (x, dy) = (Fenced(numbers.floats(size)), Fenced(numbers.floats(size)))
                        let bias = Fenced(numbers.floats(columns))
                        let ones = Fenced([Float](repeating: 1, count: columns))
                        let results = [ones.pointer, nil].map { gain in
                            let (y, dx) = (
                                Fenced<Float>(count: size), Fenced<Float>(count: size)
                            )
                            let (mean, rstd) = (
                                Fenced<Float>(count: rows), Fenced<Float>(count: rows)
                            )
                            let dbias = Fenced([Float](repeating: 0, count: columns))
                            swiftlet_layer_norm(
                                x.pointer, columns, gain, bias.pointer, 1e-5, y.pointer, columns,
                                mean.pointer, rstd.pointer, rows, columns)
                            swiftlet_layer_norm_backward(
                                dy.pointer, columns, x.pointer, columns, gain, mean.pointer,
                                rstd.pointer, dx.pointer, columns, 0, nil, dbias.pointer, rows,
                                columns)
                            return bits(y.values + dx.values + dbias.values)
                        }
                        #expect(results[0] == results[1], "level \(level), columns \(columns)")
                    }
                }
            }
        }

        @Test func backwardAgainstCentralDifferences() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 9)
                atEveryLevel { level in
                    for columns in [1, 7, 8, 17, 33, 67] {
                        checkBackward(columns: columns, level: level, numbers: &numbers)
                    }
                }
            }
        }

        @Test func backwardInPlaceAndAccumulating() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 10)
                atEveryLevel { level in
                    for columns in oddSizes where columns > 0 {
                        let rows = 3
                        let x = Fenced(numbers.floats(rows * columns))
                        let dy = Fenced(numbers.floats(rows * columns))
                        let gain = Fenced(numbers.floats(columns))
                        let mean = Fenced(numbers.floats(rows))
                        let rstd = Fenced(numbers.floats(rows, in: 0.5...2))
                        func run(_ dx: Fenced<Float>, from dy: Fenced<Float>, accumulate: Bool) {
                            swiftlet_layer_norm_backward(
                                dy.pointer, columns, x.pointer, columns, gain.pointer,
                                mean.pointer, rstd.pointer, dx.pointer, columns,
                                accumulate ? 1 : 0, nil, nil, rows, columns)
                        }
                        let plain = Fenced<Float>(count: rows * columns)
                        run(plain, from: dy, accumulate: false)
                        let inPlace = Fenced(dy.values)
                        run(inPlace, from: inPlace, accumulate: false)
                        #expect(bits(inPlace.values) == bits(plain.values), "level \(level)")
                        let old = numbers.floats(rows * columns)
                        let added = Fenced(old)
                        run(added, from: dy, accumulate: true)
                        expectClose(
                            added.values,
                            zip(old, plain.values).map { Double($0) + Double($1) },
                            within: { 2e-7 * (1 + abs(Double(added.values[$0]))) },
                            "accumulate, level \(level), columns \(columns)")
                        #expect(plain.isStartIntact && added.isStartIntact)
                    }
                }
            }
        }
    }
}

private func moments(_ line: [Double]) -> (mean: Double, rstd: Double) {
    let mean = line.reduce(0, +) / Double(line.count)
    let variance = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(line.count)
    return (mean, 1 / (variance + Double(Float(1e-5))).squareRoot())
}

/// Compares the gradients of sum(dy * layerNorm(x)) with central differences of that sum in Double.
private func checkBackward(columns: Int, level: swiftlet_level, numbers: inout SplitMix64) {
    let rows = 2
    let x = Fenced(numbers.floats(rows * columns))
    let dy = Fenced(numbers.floats(rows * columns))
    let gain = Fenced(numbers.floats(columns))
    let (mean, rstd) = (Fenced<Float>(count: rows), Fenced<Float>(count: rows))
    let y = Fenced<Float>(count: rows * columns)
    swiftlet_layer_norm(
        x.pointer, columns, gain.pointer, nil, 1e-5, y.pointer, columns, mean.pointer,
        rstd.pointer, rows, columns)
    let dx = Fenced<Float>(count: rows * columns)
    let (oldGain, oldBias) = (numbers.floats(columns), numbers.floats(columns))
    let (dgain, dbias) = (Fenced(oldGain), Fenced(oldBias))
    swiftlet_layer_norm_backward(
        dy.pointer, columns, x.pointer, columns, gain.pointer, mean.pointer, rstd.pointer,
        dx.pointer, columns, 0, dgain.pointer, dbias.pointer, rows, columns)

    func loss(_ x: [Double], _ gain: [Double], bias: Double, at biased: Int) -> Double {
        var sum = 0.0
        for row in 0..<rows {
            let line = Array(x[row * columns..<(row + 1) * columns])
            let (mean, rstd) = moments(line)
            for c in 0..<columns {
                let value = (line[c] - mean) * rstd * gain[c] + (c == biased ? bias : 0)
                sum += Double(dy.pointer[row * columns + c]) * value
            }
        }
        return sum
    }
    let (xs, gains) = (x.values.map(Double.init), gain.values.map(Double.init))
    let step = 1e-5
    let what = "level \(level), columns \(columns)"
    let wantedX = xs.indices.map { i in
        let values = [step, -step].map { h in
            var moved = xs
            moved[i] += h
            return loss(moved, gains, bias: 0, at: 0)
        }
        return (values[0] - values[1]) / (2 * step)
    }
    if columns > 1 {
        expectClose(
            dx.values, wantedX, within: { 2e-5 * (1 + abs(wantedX[$0])) }, "dx, \(what)")
    } else {
        #expect(dx.values.allSatisfy { abs($0) < 1e-3 }, "dx, \(what)")
    }
    for c in 0..<columns {
        let values = [step, -step].map { h in
            var moved = gains
            moved[c] += h
            return (loss(xs, moved, bias: 0, at: 0), loss(xs, gains, bias: h, at: c))
        }
        let wantedGain = (values[0].0 - values[1].0) / (2 * step) + Double(oldGain[c])
        let wantedBias = (values[0].1 - values[1].1) / (2 * step) + Double(oldBias[c])
        expectClose(dgain.pointer[c], wantedGain, within: 1e-5, "dgain[\(c)], \(what)")
        expectClose(dbias.pointer[c], wantedBias, within: 1e-5, "dbias[\(c)], \(what)")
    }
}
