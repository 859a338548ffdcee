import SwiftletBytes
import Testing

@Suite("Numbers")
struct NumberTests {
    @Test("SplitMix64 gives the published sequence")
    func splitMix() {
        // Vigna's splitmix64.c with x = 0 and x = 1234567.
        var zero = SplitMix64(seed: 0)
        #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
        #expect(zero.next() == 0x6E78_9E6A_A1B9_65F4)
        var other = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in other.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test("skipping equals drawing")
    func skip() {
        var drawn = SplitMix64(seed: 42)
        for _ in 0..<1000 { _ = drawn.next() }
        var skipped = SplitMix64(seed: 42)
        skipped.skip(1000)
        #expect(drawn == skipped)
        #expect(SplitMix64(seed: drawn.state) == drawn)
    }

    @Test("the shuffle is Fisher and Yates's, from the end, with remainders")
    func shuffle() {
        var random = SplitMix64(seed: 7)
        var expected = Array(0..<50)
        var same = random
        for i in stride(from: 49, through: 1, by: -1) {
            expected.swapAt(i, Int(same.next() % UInt64(i + 1)))
        }
        #expect(random.permutation(50) == expected)
        #expect(random == same)
        #expect(random.permutation(0) == [])
        #expect(random.permutation(1) == [0])
        #expect(random == same)
    }

    @Test("every half widens to its value and comes back")
    func halves() {
        for bits in UInt16.min...UInt16.max {
            let value = FloatFormat.widen(half: bits)
            let exponent = Int(bits >> 10 & 31)
            let fraction = Double(bits & 0x3FF)
            let sign: Double = bits & 0x8000 == 0 ? 1 : -1
            switch exponent {
            case 31 where fraction != 0: #expect(value.isNaN)
            case 31: #expect(Double(value) == sign * .infinity)
            case 0: #expect(Double(value) == sign * fraction * 0x1p-24)
            default:
                let scale = Double(sign: .plus, exponent: exponent - 25, significand: 1)
                #expect(Double(value) == sign * (1024 + fraction) * scale)
            }
            let back = FloatFormat.half(value)
            #expect(back == bits || value.isNaN && back == bits | 0x200)
        }
    }

    @Test("rounding to half goes to the nearest, ties to even")
    func roundingToHalf() {
        // Between each pair of neighbours: just below the middle, the middle, just above.
        for bits in UInt16(0)..<0x7BFF {
            let low = FloatFormat.widen(half: bits)
            let middle = (low + FloatFormat.widen(half: bits + 1)) / 2
            #expect(FloatFormat.half(middle.nextDown) == bits)
            #expect(FloatFormat.half(middle) == (bits & 1 == 0 ? bits : bits + 1))
            #expect(FloatFormat.half(-middle.nextUp) == (bits + 1) | 0x8000)
        }
        #expect(FloatFormat.half(65519.996) == 0x7BFF)
        #expect(FloatFormat.half(65520) == 0x7C00)
        #expect(FloatFormat.half(-.infinity) == 0xFC00)
        #expect(FloatFormat.widen(half: FloatFormat.half(.nan)).isNaN)
    }

    @Test("bfloat16 rounds to the nearest, ties to even")
    func bfloats() {
        for bits in UInt16.min...UInt16.max {
            let value = FloatFormat.widen(bfloat: bits)
            let back = FloatFormat.bfloat(value)
            #expect(back == bits || value.isNaN && back == bits | 0x40)
        }
        #expect(FloatFormat.bfloat(Float(bitPattern: 0x3F80_8000)) == 0x3F80)
        #expect(FloatFormat.bfloat(Float(bitPattern: 0x3F81_8000)) == 0x3F82)
        #expect(FloatFormat.bfloat(Float(bitPattern: 0x3F80_8001)) == 0x3F81)
        #expect(FloatFormat.bfloat(.greatestFiniteMagnitude) == 0x7F80)
    }

    @Test("the layouts of IEEE 754's formats and bfloat16")
    func layouts() {
        let formats = FloatFormat.allCases
        #expect(formats.map(\.dtype) == [.f16, .bf16, .f32, .f64])
        #expect(formats.map(\.bits) == [16, 16, 32, 64])
        #expect(formats.map(\.exponentBits) == [5, 8, 8, 11])
        #expect(formats.map(\.fractionBits) == [10, 7, 23, 52])
        #expect(formats.map(\.exponentBias) == [15, 127, 127, 1023])
        #expect(DType.allCases.compactMap { FloatFormat($0) } == [.f16, .bf16, .f32, .f64])
        let bits: [UInt64] = [0x3E00, 0x3FC0, 0x3FC0_0000, 0x3FF8_0000_0000_0000]
        #expect(zip(formats, bits).map { $0.value($1) } == [1.5, 1.5, 1.5, 1.5])
    }

    /// The test vectors of the authors, `fnv1a` with 64 bits.
    @Test("FNV-1a gives the published hashes")
    func hashes() {
        #expect(FNV1a().value == 0xCBF2_9CE4_8422_2325)
        #expect(FNV1a("a".utf8).value == 0xAF63_DC4C_8601_EC8C)
        #expect(FNV1a("foobar".utf8).value == 0x8594_4171_F739_67E8)
        var hash = FNV1a("foo".utf8)
        hash.add("bar".utf8)
        #expect(hash.value == FNV1a("foobar".utf8).value)
    }

    @Test("dtypes have the reference's names, sizes and order")
    func dtypes() {
        #expect(
            DType.allCases.filter { $0.block == nil }.map(\.rawValue) == [
                "BOOL", "F4", "F6_E2M3", "F6_E3M2", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0",
                "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I16", "U16", "F16", "BF16", "I32", "U32", "F32",
                "C64", "F64", "I64", "U64",
            ])
        // Block types come last, so that they do not change the ranks of the others.
        #expect(DType.allCases.prefix(22).map(\.fileRank) == Array(0..<22))
        #expect(DType.allCases.prefix(22).allSatisfy { $0.block == nil })
        #expect(DType.f4.byteCount(elements: 3) == nil)
        #expect(DType.f6e2m3.byteCount(elements: 4) == 3)
        #expect(DType.c64.byteCount(elements: 2) == 16)
        #expect(DType.f64.byteCount(elements: .max) == nil)
    }

    @Test("the elements of a shape")
    func shapes() {
        #expect(StoredTensor.elementCount(of: []) == 1)
        #expect(StoredTensor.elementCount(of: [2, 3]) == 6)
        #expect(StoredTensor.elementCount(of: [.max, 2, 0]) == 0)
        #expect(StoredTensor.elementCount(of: [.max, 2]) == nil)
        #expect(StoredTensor.elementCount(of: [-1]) == nil)
    }
}
