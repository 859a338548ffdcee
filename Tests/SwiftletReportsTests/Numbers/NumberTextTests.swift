import Testing

@testable import SwiftletReports

/// Expected texts are written by hand.
@Suite struct NumberTextTests {
    @Test(
        arguments: [
            (0.0, "0"), (1, "1"), (1234.5678, "1235"), (0.00123456, "0.001235"),
            (5e-5, "5e\u{2212}5"),
            (-0.25, "\u{2212}0.25"), (123_456, "123456"), (1e6, "1e6"), (2.5e9, "2.5e9"),
            (9.9996, "10"), (999_999.9, "1000000"), (1.2345e-7, "1.235e\u{2212}7"),
            (9.9999e-8, "1e\u{2212}7"), (1e300, "1e300"), (0x1p-1063, "1.012e\u{2212}320"),
        ])
    func short(_ value: Double, _ text: String) { #expect(NumberText.short(value) == text) }

    @Test func `what is no number has no digits`() {
        #expect(NumberText.short(.nan) == "–")
        #expect(NumberText.short(.infinity) == "–")
        #expect(NumberText.short(nil) == "–")
        #expect(NumberText.fixed(-.infinity, 2) == "–")
        #expect(NumberText.percent(nil) == "–")
    }

    @Test func `ticks have the digits that tell them apart`() {
        #expect(
            [0, 0.05, 0.1, -0.1].map { NumberText.tick($0, step: 0.05) }
                == ["0", "0.05", "0.10", "\u{2212}0.10"])
        #expect(NumberText.tick(20_000, step: 10_000) == "20\u{202F}000")
        #expect(NumberText.tick(4e-5, step: 1e-5) == "4e\u{2212}5")
        #expect(NumberText.tick(1.5e-5, step: 5e-6) == "1.5e\u{2212}5")
        #expect(NumberText.tick(0.3 - 0.1 - 0.2, step: 0.1) == "0")
    }

    @Test func `counts are grouped`() {
        #expect(
            [0, 9999, 10_000, 1_234_567, -12_345].map(NumberText.count)
                == [
                    "0", "9999", "10\u{202F}000", "1\u{202F}234\u{202F}567",
                    "\u{2212}12\u{202F}345",
                ])
    }
}
