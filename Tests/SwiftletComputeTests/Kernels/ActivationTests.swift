import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct Activation {
        @Test func agreesWithDouble() async {
            await #expect(processExitsWith: .success) {
                let inputs = activationInputs
                atEveryLevel { level in
                    for f in activations {
                        let y = Fenced(inputs)
                        swiftlet_activate(f, y.pointer, y.pointer, inputs.count)
                        expectClose(
                            y.values, inputs.map { activated(f, Double($0)) },
                            within: { 3e-7 * max(1, abs(Double(inputs[$0]))) },
                            "\(f), level \(level)")
                        #expect(y.isStartIntact)
                    }
                }
            }
        }

        @Test func derivativeAgainstCentralDifferences() async {
            await #expect(processExitsWith: .success) {
                let inputs = activationInputs.filter { $0.isFinite && $0 != 0 }
                var numbers = SplitMix64(seed: 11)
                let dy = numbers.floats(inputs.count)
                atEveryLevel { level in
                    for f in activations {
                        let wanted = zip(inputs, dy).map { x, d in
                            let h = 1e-6 * max(1, abs(Double(x)))
                            // Both steps stay on the same side of relu's corner as x.
                            let step = f == SWIFTLET_RELU ? min(h, abs(Double(x)) / 2) : h
                            let (above, below) = (Double(x) + step, Double(x) - step)
                            return Double(d) * (activated(f, above) - activated(f, below))
                                / (above - below)
                        }
                        let dx = Fenced(dy)
                        swiftlet_activate_backward(
                            f, dx.pointer, Fenced(inputs).pointer, dx.pointer, inputs.count)
                        expectClose(
                            dx.values, wanted, within: { _ in 2e-6 }, "\(f), level \(level)")
                        let overX = Fenced(inputs)
                        swiftlet_activate_backward(
                            f, Fenced(dy).pointer, overX.pointer, overX.pointer, inputs.count)
                        #expect(bits(overX.values) == bits(dx.values))
                    }
                }
            }
        }

        @Test func limits() async {
            await #expect(processExitsWith: .success) {
                let inputs: [Float] = [
                    .infinity, -.infinity, .nan, 0, -0.0, 30, -30, 3.4e38, -3.4e38,
                ]
                let one = Fenced([Float](repeating: 1, count: inputs.count))
                atEveryLevel { level in
                    for f in activations where f != SWIFTLET_TANH {
                        let x = Fenced(inputs)
                        let y = Fenced<Float>(count: inputs.count)
                        swiftlet_activate(f, x.pointer, y.pointer, inputs.count)
                        #expect(y.values[0] == .infinity)
                        #expect(y.values[1] == 0)
                        #expect(y.values[2].isNaN)
                        #expect(y.values[3].bitPattern == 0)
                        #expect(y.values[4].bitPattern == Float(-0.0).bitPattern, "\(f) \(level)")
                        #expect(y.values[5] == 30)
                        #expect(abs(y.values[6]) < 1e-11)
                        #expect(y.values[7] == 3.4e38)
                        #expect(y.values[8] == 0)
                        let dx = Fenced<Float>(count: inputs.count)
                        swiftlet_activate_backward(
                            f, one.pointer, x.pointer, dx.pointer, inputs.count)
                        #expect(dx.values[0] == 1 && dx.values[1] == 0, "\(f), level \(level)")
                        #expect(dx.values[2].isNaN)
                        #expect(dx.values[3] == (f == SWIFTLET_RELU ? 0 : 0.5))
                        #expect(abs(dx.values[5] - 1) < 1e-6 && abs(dx.values[6]) < 1e-6)
                        #expect(dx.values[7] == 1 && dx.values[8] == 0)
                    }
                }
            }
        }

        @Test func hyperbolicTangentIsAccurateNearZeroAndAtTheLimits() async {
            await #expect(processExitsWith: .success) {
                let inputs: [Float] =
                    [.infinity, -.infinity, .nan, 0, -0.0, 1e-30, -3e-4, 0.01, 0.3, 0.59999, 0.6]
                    + [-1, 3, -20, 3.4e38]
                atEveryLevel { level in
                    let y = Fenced(inputs)
                    swiftlet_activate(SWIFTLET_TANH, y.pointer, y.pointer, inputs.count)
                    let wanted = inputs.map { tanh(Double($0)) }
                    expectClose(
                        y.values, wanted, within: { 3e-7 * abs(wanted[$0]) }, "level \(level)")
                    #expect(y.values[4].bitPattern == Float(-0.0).bitPattern)
                    let dx = Fenced([Float](repeating: 1, count: inputs.count))
                    swiftlet_activate_backward(
                        SWIFTLET_TANH, dx.pointer, Fenced(inputs).pointer, dx.pointer, inputs.count)
                    let slopes = inputs.map { 1 / (cosh(Double($0)) * cosh(Double($0))) }
                    expectClose(dx.values, slopes, within: { _ in 3e-7 }, "level \(level)")
                }
            }
        }

        @Test func gatedIsTheProductOfActivationAndUp() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 14)
                for count in oddSizes {
                    let gate = numbers.floats(count, in: -6...6)
                    let (up, dy) = (numbers.floats(count), numbers.floats(count))
                    atEveryLevel { level in
                        for f in activations {
                            let (value, slope) = (Fenced(gate), Fenced(dy))
                            swiftlet_activate(f, value.pointer, value.pointer, count)
                            swiftlet_activate_backward(
                                f, slope.pointer, Fenced(gate).pointer, slope.pointer, count)
                            let y = Fenced(up)
                            swiftlet_activate_gated(
                                f, Fenced(gate).pointer, y.pointer, y.pointer, count)
                            #expect(bits(y.values) == bits(zip(value.values, up).map { $0 * $1 }))
                            #expect(y.isStartIntact)
                            // The gradients overwrite gate and up.
                            let (overGate, overUp) = (Fenced(gate), Fenced(up))
                            swiftlet_activate_gated_backward(
                                f, Fenced(dy).pointer, overGate.pointer, overUp.pointer,
                                overGate.pointer, overUp.pointer, count)
                            expectClose(
                                overGate.values,
                                zip(slope.values, up).map { Double($0) * Double($1) },
                                within: { 4e-7 * abs(Double(overGate.values[$0])) + 1e-12 },
                                "gate, \(f), level \(level)")
                            #expect(
                                bits(overUp.values) == bits(zip(value.values, dy).map { $0 * $1 }))
                            #expect(overGate.isStartIntact && overUp.isStartIntact)
                        }
                    }
                }
            }
        }

        @Test func resultsDoNotDependOnThePosition() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 12)
                let values = numbers.floats(67, in: -6...6)
                atEveryLevel { level in
                    for f in activations {
                        let whole = Fenced<Float>(count: values.count)
                        swiftlet_activate(f, Fenced(values).pointer, whole.pointer, values.count)
                        for count in oddSizes where count < values.count {
                            let part = Fenced<Float>(count: count)
                            let source = Fenced(Array(values.suffix(count)))
                            swiftlet_activate(f, source.pointer, part.pointer, count)
                            #expect(
                                bits(part.values) == bits(Array(whole.values.suffix(count))),
                                "\(f), level \(level)")
                        }
                    }
                }
            }
        }
    }
}

private let activations = [
    SWIFTLET_GELU_TANH, SWIFTLET_GELU_ERF, SWIFTLET_RELU, SWIFTLET_SILU, SWIFTLET_GELU_QUICK,
    SWIFTLET_TANH,
]

private let activationInputs: [Float] =
    stride(from: Float(-12), through: 12, by: 0.0137).map { $0 }
    + [0, 1e-30, -1e-30, 1e-3, -1e-3, 30, -30, 88.7, -88.7, 100, -100, 1e4, -1e4]

private func activated(_ f: swiftlet_activation, _ x: Double) -> Double {
    switch f {
    case SWIFTLET_GELU_TANH:
        return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case SWIFTLET_GELU_ERF: return 0.5 * x * erfc(-x / 2.0.squareRoot())
    case SWIFTLET_RELU: return max(x, 0)
    case SWIFTLET_GELU_QUICK: return x / (1 + exp(-Double(Float(1.702)) * x))
    case SWIFTLET_TANH: return tanh(x)
    default: return x / (1 + exp(-x))
    }
}
