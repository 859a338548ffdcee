import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension KernelTests {
    @Suite struct Product {
        @Test(arguments: [false, true])
        func agreesWithDouble(inOut: Bool) async {
            // The body of a child process cannot capture, so each order has its own.
            if inOut {
                await #expect(processExitsWith: .success) { checkAgreement(inOut: true) }
            } else {
                await #expect(processExitsWith: .success) { checkAgreement(inOut: false) }
            }
        }

        @Test func rowsDoNotDependOnTheirNeighbours() async {
            await #expect(processExitsWith: .success) {
                var numbers = SplitMix64(seed: 3)
                let (m, n, k) = (19, 293, 1043)
                let shape = Shape(m: m, n: n, k: k)
                for inOut in [false, true] {
                    for dtype in [SWIFTLET_F32, SWIFTLET_F16, SWIFTLET_BF16] {
                        let weight = Weight(
                            numbers.floats(n * k), rows: inOut ? k : n, dtype: dtype)
                        let x = Fenced(numbers.floats(m * k))
                        atEveryLevel { level in
                            let whole = Fenced<Float>(count: m * n)
                            multiply(inOut, weight, x, whole, shape)
                            for row in 0..<m {
                                let alone = Fenced<Float>(count: n)
                                multiply(
                                    inOut, weight, x, alone, Shape(m: 1, n: n, k: k),
                                    xOffset: row * k)
                                let same =
                                    bits(alone.values)
                                    == bits(Array(whole.values[row * n..<(row + 1) * n]))
                                #expect(same, "level \(level), row \(row), in-out \(inOut)")
                            }
                        }
                    }
                }
            }
        }

        @Test(arguments: [false, true])
        func integersStandForMultiplesOfTheirScales(inOut: Bool) async {
            if inOut {
                await #expect(processExitsWith: .success) { checkIntegers(inOut: true) }
            } else {
                await #expect(processExitsWith: .success) { checkIntegers(inOut: false) }
            }
        }

        @Test func inOutProductsAreBitIdenticalAtLevelsThatFuse() async {
            // An in-out output takes its products in order of k, whatever the vector width.
            await #expect(processExitsWith: .success) {
                guard swiftlet_best_level().rawValue >= SWIFTLET_LEVEL_AVX512.rawValue else {
                    return
                }
                var numbers = SplitMix64(seed: 4)
                let shape = Shape(m: 8, n: 129, k: 77)
                let weight = Weight(numbers.floats(129 * 77), rows: 77, dtype: SWIFTLET_BF16)
                let x = Fenced(numbers.floats(8 * 77))
                var results: [[UInt32]] = []
                for level in [SWIFTLET_LEVEL_AVX2, SWIFTLET_LEVEL_AVX512] {
                    _ = swiftlet_force_level(level)
                    let y = Fenced<Float>(count: 8 * 129)
                    multiply(true, weight, x, y, shape)
                    results.append(bits(y.values))
                }
                #expect(results[0] == results[1])
            }
        }
    }
}

private struct Shape { let m, n, k: Int }

/// A weight in its storage type and the values that it stands for, with gaps between its rows.
private struct Weight {
    let dtype: swiftlet_dtype
    let values: [Float]
    let stride: Int
    private let words: Fenced<UInt32>?
    private let halves: Fenced<UInt16>?

    init(_ source: [Float], rows: Int, dtype: swiftlet_dtype, gap: Int = 0) {
        self.dtype = dtype
        let columns = rows == 0 ? 0 : source.count / rows
        stride = columns + gap
        values = dtype == SWIFTLET_F32 ? source : source.map { rounded($0, dtype) }
        // The gaps are NaN, which would show in the result if it were read. None follows the last row.
        var laid: [Float] = []
        for row in 0..<rows {
            laid += values[row * columns..<(row + 1) * columns]
            if row < rows - 1 { laid += [Float](repeating: .nan, count: gap) }
        }
        words = dtype == SWIFTLET_F32 ? Fenced(laid.map(\.bitPattern)) : nil
        halves =
            dtype == SWIFTLET_F32
            ? nil
            : Fenced(
                laid.map { value in
                    var half: UInt16 = 0
                    _ = withUnsafePointer(to: value) { swiftlet_narrow(dtype, $0, &half, 1) }
                    return half
                })
    }

    var pointer: UnsafeRawPointer? {
        words.map { UnsafeRawPointer($0.pointer) } ?? halves.map { UnsafeRawPointer($0.pointer) }
    }
}

private func multiply(
    _ inOut: Bool, _ w: Weight, _ x: Fenced<Float>, _ y: Fenced<Float>, _ shape: Shape,
    bias: Fenced<Float>? = nil, accumulate: Bool = false, xOffset: Int = 0, ldx: Int? = nil,
    ldy: Int? = nil
) {
    let product = inOut ? swiftlet_product_in_out : swiftlet_product_out_in
    product(
        w.dtype, w.pointer, w.stride, x.pointer + xOffset, ldx ?? shape.k, bias?.pointer,
        y.pointer, ldy ?? shape.n, shape.m, shape.n, shape.k, accumulate ? 1 : 0)
}

/// Compares products with 8-bit weights with those of the weights' values in Double.
private func checkIntegers(inOut: Bool) {
    var numbers = SplitMix64(seed: 5)
    let lengths = [0, 1, 7, 17, 33, 64, 65, 131, 1000]
    for (turn, (n, k)) in lengths.flatMap({ n in lengths.map { (n, $0) } }).enumerated() {
        let m = turn % 10
        let integers = (0..<n * k).map { _ in Int8.random(in: -127...127, using: &numbers) }
        let scales = numbers.floats(n, in: 0.001...0.02)
        let wide = integers.indices.map { i in
            Double(integers[i]) * Double(scales[inOut ? i % n : i / k])
        }
        let x = Fenced(numbers.floats(m * k))
        let (bias, old) = (numbers.floats(n), numbers.floats(m * n))
        let (w, s) = (Fenced(integers), Fenced(scales))
        var wanted = old.map(Double.init)
        for row in 0..<m {
            for column in 0..<n {
                wanted[row * n + column] += Double(bias[column])
                for i in 0..<k {
                    wanted[row * n + column] +=
                        Double(x.pointer[row * k + i])
                        * wide[inOut ? i * n + column : column * k + i]
                }
            }
        }
        atEveryLevel { level in
            let y = Fenced(old)
            let product = inOut ? swiftlet_product_in_out_i8 : swiftlet_product_out_in_i8
            product(
                w.pointer, inOut ? n : k, s.pointer, x.pointer, k, Fenced(bias).pointer, y.pointer,
                n, m, n, k, 1)
            expectClose(
                y.values, wanted, within: { _ in 2e-6 * Double(k + 4) },
                "level \(level), m \(m), n \(n), k \(k)")
            #expect(y.isStartIntact)
        }
    }
}

private func checkAgreement(inOut: Bool) {
    var numbers = SplitMix64(seed: 2)
    let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 67, 130, 1000]
    var shapes: [Shape] = []
    for (index, n) in lengths.enumerated() {
        // Combines every m with every residue of n and of k, without the whole cube.
        for (turn, k) in lengths.enumerated() where (index + turn) % 3 == 0 || n == 17 || k == 17 {
            shapes.append(Shape(m: (index * 5 + turn) % 9 + (turn == 3 ? 9 : 0), n: n, k: k))
        }
    }
    for m in 1...17 { shapes.append(Shape(m: m, n: 53, k: 45)) }
    for shape in shapes {
        for dtype in [SWIFTLET_F32, SWIFTLET_F16, SWIFTLET_BF16] {
            let (m, n, k) = (shape.m, shape.n, shape.k)
            let gap = (n + k) % 3
            let weight = Weight(
                numbers.floats(n * k), rows: inOut ? k : n, dtype: dtype, gap: gap)
            let (ldx, ldy) = (k + gap, n + gap)
            let x = Fenced(numbers.floats(max(0, m * ldx - gap)))
            let bias = gap == 1 ? nil : Fenced(numbers.floats(n))
            let accumulate = gap > 0
            let old = numbers.floats(max(0, m * ldy - gap))
            var wanted = old.map(Double.init)
            var size = [Double](repeating: 1e-20, count: old.count)
            for row in 0..<m {
                for column in 0..<n {
                    let at = row * ldy + column
                    let start = (accumulate ? Double(old[at]) : 0)
                    let added = Double(bias?.pointer[column] ?? 0)
                    wanted[at] = start + added
                    size[at] += abs(start) + abs(added)
                    for i in 0..<k {
                        let w = weight.values[inOut ? i * n + column : column * k + i]
                        let term = Double(x.pointer[row * ldx + i]) * Double(w)
                        wanted[at] += term
                        size[at] += abs(term)
                    }
                }
            }
            atEveryLevel { level in
                let y = Fenced(old)
                multiply(
                    inOut, weight, x, y, shape, bias: bias, accumulate: accumulate, ldx: ldx,
                    ldy: ldy)
                expectClose(
                    y.values, wanted, within: { size[$0] * 1e-6 },
                    "level \(level), dtype \(dtype), m \(m), n \(n), k \(k)")
                // The gaps between the rows of y must not be written.
                for row in 0..<max(0, m - 1) {
                    for column in n..<ldy {
                        let at = row * ldy + column
                        #expect(y.pointer[at].bitPattern == old[at].bitPattern)
                    }
                }
                #expect(y.isStartIntact)
            }
        }
    }
}
