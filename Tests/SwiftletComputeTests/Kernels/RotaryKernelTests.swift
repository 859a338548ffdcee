import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct Rotary {
        @Test func rotatesPairsAndBack() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 20)
                atEveryLevel { level in
                    for half in oddSizes where half < 200 {
                        let (count, stride) = (3, 2 * half + half % 3)
                        let x = numbers.floats(max(0, (count - 1) * stride + 2 * half))
                        let angles = numbers.floats(half, in: -3...3)
                        let cosines = Fenced(angles.map { Foundation.cos($0) })
                        let sines = Fenced(angles.map { Foundation.sin($0) })
                        var wanted = x.map(Double.init)
                        for head in 0..<count {
                            for i in 0..<half {
                                let (first, second) = (head * stride + i, head * stride + i + half)
                                let (a, b) = (Double(x[first]), Double(x[second]))
                                let c = Double(cosines.pointer[i])
                                let s = Double(sines.pointer[i])
                                wanted[first] = a * c - b * s
                                wanted[second] = b * c + a * s
                            }
                        }
                        let y = Fenced(x)
                        func turn(inverse: Bool) {
                            swiftlet_rotate(
                                y.pointer, stride, count, cosines.pointer, sines.pointer, half,
                                inverse ? 1 : 0)
                        }
                        turn(inverse: false)
                        let what = "level \(level), half \(half)"
                        expectClose(y.values, wanted, within: { _ in 5e-7 }, what)
                        turn(inverse: true)
                        expectClose(
                            y.values, x.map(Double.init), within: { _ in 1e-6 }, "back, \(what)")
                        #expect(y.isStartIntact)
                    }
                }
            }
        }
    }
}
