import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct AdamW {
        @Test func everyLevelRoundsLikeTheFormula() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 16)
                for count in oddSizes {
                    let start = (numbers.floats(count), numbers.floats(count, in: -0.1...0.1))
                    let grads = (0..<3).map { _ in numbers.floats(count, in: -5...5) }
                    let old = numbers.floats(count, in: 0...0.01)
                    let wanted = steps(start.0, start.1, old, grads)
                    atEveryLevel { level in
                        let (p, m, v) = (Fenced(start.0), Fenced(start.1), Fenced(old))
                        for (step, grad) in grads.enumerated() {
                            let t = Double(step + 1)
                            swiftlet_adamw(
                                p.pointer, Fenced(grad).pointer, m.pointer, v.pointer, count,
                                setting.gradScale, setting.lr, setting.beta1, setting.beta2,
                                setting.eps, setting.decay, 1 - pow(0.9, t),
                                1 - pow(0.999, t))
                        }
                        #expect(bits(p.values) == bits(wanted.p), "p, level \(level), \(count)")
                        #expect(bits(m.values) == bits(wanted.m), "m, level \(level), \(count)")
                        #expect(bits(v.values) == bits(wanted.v), "v, level \(level), \(count)")
                        #expect(p.isStartIntact && m.isStartIntact && v.isStartIntact)
                    }
                }
            }
        }

        @Test func agreesWithDouble() async {
            await #expect(processExitsWith: .success) {
                // The first step from zero moments moves every parameter by lr against its gradient.
                atEveryLevel { level in
                    let p = Fenced([Float](repeating: 1, count: 37))
                    let grad = Fenced((0..<37).map { Float($0 - 18) + 0.5 })
                    let (m, v) = (
                        Fenced([Float](repeating: 0, count: 37)),
                        Fenced([Float](repeating: 0, count: 37))
                    )
                    swiftlet_adamw(
                        p.pointer, grad.pointer, m.pointer, v.pointer, 37, 1, 1e-3, 0.9, 0.999,
                        1e-8, 0.1, 1 - 0.9, 1 - 0.999)
                    let wanted = (0..<37).map { (1 - 1e-4) - ($0 < 18 ? -1e-3 : 1e-3) }
                    expectClose(
                        p.values, wanted, within: { _ in 2e-7 }, "level \(level)")
                }
            }
        }
    }
}

private let setting =
    (
        gradScale: 0.25, lr: 3e-2, beta1: 0.9, beta2: 0.999, eps: 1e-8, decay: 0.1
    )

/// The formula in f32 with one rounding per operation; factors are computed in Double.
private func steps(_ p: [Float], _ m: [Float], _ v: [Float], _ grads: [[Float]]) -> (
    p: [Float], m: [Float], v: [Float]
) {
    var (p, m, v) = (p, m, v)
    let keep = Float(1 - setting.lr * setting.decay)
    let fresh1 = Float(1 - setting.beta1)
    let fresh2 = Float(1 - setting.beta2)
    for (step, grad) in grads.enumerated() {
        let t = Double(step + 1)
        let size = Float(setting.lr / (1 - pow(0.9, t)))
        let root = Float((1 - pow(0.999, t)).squareRoot())
        for i in p.indices {
            let g = grad[i] * Float(setting.gradScale)
            let (m1, m2): (Float, Float) = (m[i] * Float(setting.beta1), g * fresh1)
            m[i] = m1 + m2
            let (v1, v2): (Float, Float) = (v[i] * Float(setting.beta2), (g * fresh2) * g)
            v[i] = v1 + v2
            let denominator: Float = v[i].squareRoot() / root + Float(setting.eps)
            let kept: Float = p[i] * keep
            p[i] = kept - (m[i] * size) / denominator
        }
    }
    return (p, m, v)
}
