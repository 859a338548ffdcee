import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing

extension KernelTests {
    @Suite struct AdamWNarrow {
        @Test func splitNumbersAreJoinedExactly() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 31)
                for count in oddSizes {
                    var values = numbers.floats(count)
                    // Ties, denormals, the largest numbers, infinities.
                    let special: [UInt32] = [
                        0x3f80_8000, 0x3f81_8000, 0xbf80_8000, 0x3f80_7fff, 1, 0x8000_0001,
                        0x7f7f_ffff, 0xff7f_ffff, 0x7f80_0000, 0xff80_0000, 0, 0x8000_0000,
                    ]
                    for (place, bits) in special.enumerated() where place < count {
                        values[place] = Float(bitPattern: bits)
                    }
                    atEveryLevel { level in
                        let (x, y) = (Fenced(values), Fenced(count: count))
                        let zeros = [UInt16](repeating: 0, count: count)
                        let (high, low) = (Fenced(zeros), Fenced(zeros))
                        swiftlet_split(x.pointer, high.pointer, low.pointer, count)
                        swiftlet_join(high.pointer, low.pointer, y.pointer, count)
                        #expect(bits(y.values) == bits(values), "level \(level), \(count)")
                        let nearest = values.map {
                            UInt16(truncatingIfNeeded: ($0.bitPattern &+ 0x8000) >> 16)
                        }
                        #expect(high.values == nearest, "level \(level), \(count)")
                        #expect(high.isStartIntact && low.isStartIntact && y.isStartIntact)
                    }
                }
            }
        }

        @Test func aSplitNaNStaysOne() async {
            await #expect(processExitsWith: .success) {
                let values = [0x7fff_ffff, 0xffff_8001, 0x7f80_0001, 0x7fc0_0000].map {
                    Float(bitPattern: $0)
                }
                atEveryLevel { level in
                    let (high, low) = (
                        Fenced([UInt16](repeating: 0, count: 4)),
                        Fenced([UInt16](repeating: 0, count: 4))
                    )
                    swiftlet_split(Fenced(values).pointer, high.pointer, low.pointer, 4)
                    let y = Fenced(count: 4)
                    swiftlet_join(high.pointer, low.pointer, y.pointer, 4)
                    #expect(y.values.allSatisfy { $0.isNaN })
                    #expect(
                        high.values.allSatisfy { Float(bitPattern: UInt32($0) << 16).isNaN },
                        "level \(level)")
                }
            }
        }

        /// Split parameters hold single precision, so they take the steps of single precision.
        @Test func splitParametersFollowSinglePrecision() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 32)
                for count in oddSizes {
                    let start = numbers.floats(count)
                    let grads = (0..<3).map { _ in numbers.floats(count, in: -5...5) }
                    atEveryLevel { level in
                        let (p, m, v) = (Fenced(start), zeros(count), zeros(count))
                        for (step, grad) in grads.enumerated() {
                            let t = Double(step + 1)
                            swiftlet_adamw(
                                p.pointer, Fenced(grad).pointer, m.pointer, v.pointer, count,
                                0.25, 3e-2, 0.9, 0.999, 1e-8, 0.1, 1 - pow(0.9, t),
                                1 - pow(0.999, t))
                        }
                        let found = NarrowRun(
                            start, grads, parameters: SWIFTLET_STATE_SPLIT,
                            moments: SWIFTLET_STATE_F32)
                        #expect(bits(found.p) == bits(p.values), "level \(level), \(count)")
                        #expect(bits(found.m) == bits(m.values), "level \(level), \(count)")
                        #expect(found.isIntact)
                    }
                }
            }
        }

        @Test func everyLevelRoundsTheSame() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 33)
                for count in oddSizes {
                    let start = numbers.floats(count)
                    let grads = (0..<3).map { _ in numbers.floats(count, in: -5...5) }
                    for form in [
                        SWIFTLET_STATE_F32, SWIFTLET_STATE_BF16, SWIFTLET_STATE_SPLIT,
                    ] {
                        for moments in [SWIFTLET_STATE_F32, SWIFTLET_STATE_BF16] {
                            var wanted: NarrowRun?
                            atEveryLevel { level in
                                let found = NarrowRun(
                                    start, grads, parameters: form, moments: moments)
                                let first = wanted ?? found
                                wanted = first
                                let place = "level \(level), \(form), \(moments), \(count)"
                                #expect(bits(found.p) == bits(first.p), "p, \(place)")
                                #expect(bits(found.m) == bits(first.m), "m, \(place)")
                                #expect(bits(found.v) == bits(first.v), "v, \(place)")
                                #expect(found.isIntact)
                            }
                        }
                    }
                }
            }
        }

        /// The mean of what is stored is what was computed, although one step is less than half a
        /// unit in the last place.
        @Test func roundingAtRandomLosesNothingOnAverage() async {
            await #expect(processExitsWith: .success) {
                let count = 1 << 16
                atEveryLevel { level in
                    // The first step moves by the learning rate: a tenth of a unit of numbers in [1, 2).
                    let step: Float = 0x1p-7 / 10
                    let found = NarrowRun(
                        [Float](repeating: 1.5, count: count),
                        [[Float](repeating: -3, count: count)], parameters: SWIFTLET_STATE_BF16,
                        moments: SWIFTLET_STATE_BF16, learningRate: Double(step), decay: 0)
                    let values: Set<Float> = [1.5, 1.5 + 0x1p-7]
                    #expect(Set(found.p).subtracting(values).isEmpty, "level \(level)")
                    let mean = found.p.reduce(0) { $0 + Double($1) } / Double(count) - 1.5
                    #expect(abs(mean / Double(step) - 1) < 0.05, "mean \(mean), \(level)")
                    // The running mean of squares: 0.75² / 1000, between two bf16 numbers.
                    let second = found.v.reduce(0) { $0 + Double($1) } / Double(count)
                    #expect(abs(second / 5.625e-4 - 1) < 1e-4, "second \(second), \(level)")
                    #expect(Set(found.v).count == 2)
                }
            }
        }

        /// Parts of an array are rounded like the whole: the element's index counts, not its place.
        @Test func piecesAreRoundedLikeTheWhole() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 34)
                let (start, grad) = (numbers.floats(129), numbers.floats(129))
                let whole = NarrowRun(
                    start, [grad], parameters: SWIFTLET_STATE_BF16, moments: SWIFTLET_STATE_BF16)
                let tail = NarrowRun(
                    Array(start[40...]), [Array(grad[40...])], parameters: SWIFTLET_STATE_BF16,
                    moments: SWIFTLET_STATE_BF16, first: 40)
                #expect(Array(whole.p[40...]) == tail.p)
                #expect(Array(whole.v[40...]) == tail.v)
            }
        }
    }
}

private func zeros(_ count: Int) -> Fenced<Float> { Fenced([Float](repeating: 0, count: count)) }

/// Steps over parameters and moments in some form, and what they came to in single precision.
private struct NarrowRun {
    let p: [Float]
    let m: [Float]
    let v: [Float]
    let isIntact: Bool

    init(
        _ start: [Float], _ grads: [[Float]], parameters: swiftlet_state, moments: swiftlet_state,
        learningRate: Double = 3e-2, decay: Double = 0.1, first: UInt32 = 0
    ) {
        let count = start.count
        let states = (
            State(start, parameters), State([Float](repeating: 0, count: count), moments),
            State([Float](repeating: 0, count: count), moments)
        )
        for (step, grad) in grads.enumerated() {
            let t = Double(step + 1)
            swiftlet_adamw_narrow(
                parameters, states.0.high, states.0.low, Fenced(grad).pointer, moments,
                states.1.high, states.2.high, count, 0.25, learningRate, 0.9, 0.999, 1e-8, decay,
                1 - pow(0.9, t), 1 - pow(0.999, t), 77 &+ UInt32(step), first)
        }
        (p, m, v) = (states.0.values, states.1.values, states.2.values)
        isIntact = states.0.isIntact && states.1.isIntact && states.2.isIntact
    }

    private struct State {
        let form: swiftlet_state
        let floats: Fenced<Float>
        let halves: (high: Fenced<UInt16>, low: Fenced<UInt16>)

        init(_ values: [Float], _ form: swiftlet_state) {
            self.form = form
            floats = Fenced(values)
            let zeros = [UInt16](repeating: 0, count: values.count)
            halves = (Fenced(zeros), Fenced(zeros))
            switch form {
            case SWIFTLET_STATE_SPLIT:
                swiftlet_split(
                    floats.pointer, halves.high.pointer, halves.low.pointer, values.count)
            case SWIFTLET_STATE_BF16:
                _ = swiftlet_narrow(
                    SWIFTLET_BF16, floats.pointer, halves.high.pointer, values.count)
            default: break
            }
        }

        var high: UnsafeMutableRawPointer {
            form == SWIFTLET_STATE_F32
                ? UnsafeMutableRawPointer(floats.pointer)
                : UnsafeMutableRawPointer(halves.high.pointer)
        }

        var low: UnsafeMutableRawPointer? {
            form == SWIFTLET_STATE_SPLIT ? UnsafeMutableRawPointer(halves.low.pointer) : nil
        }

        var values: [Float] {
            switch form {
            case SWIFTLET_STATE_F32: floats.values
            case SWIFTLET_STATE_BF16:
                halves.high.values.map { Float(bitPattern: UInt32($0) << 16) }
            default:
                zip(halves.high.values, halves.low.values).map { high, low in
                    let below = UInt32(bitPattern: Int32(Int16(bitPattern: low)))
                    return Float(bitPattern: (UInt32(high) << 16) &+ below)
                }
            }
        }

        var isIntact: Bool {
            floats.isStartIntact && halves.high.isStartIntact && halves.low.isStartIntact
        }
    }
}
