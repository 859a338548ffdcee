import Testing

@testable import SwiftletReports

@Suite struct ChartScaleTests {
    private static func texts(_ scale: ChartScale) -> [String] { scale.ticks.map(\.text) }

    @Test func `ticks are round and enclose the values`() {
        let scale = ChartScale(fitting: [0.31, 5.2])
        #expect(Self.texts(scale) == ["0", "2", "4", "6"])
        #expect(scale.lower == 0 && scale.upper == 6)
        #expect(scale.place(of: 3) == 0.5)
        #expect(
            Self.texts(ChartScale(fitting: [-0.83, 1], includesZero: true))
                == ["\u{2212}1.0", "\u{2212}0.5", "0", "0.5", "1.0"])
    }

    @Test func `a tight scale ends at the values`() {
        let scale = ChartScale(fitting: [1, 560], isTight: true, isWhole: true)
        #expect(scale.lower == 1 && scale.upper == 560)
        #expect(Self.texts(scale) == ["100", "200", "300", "400", "500"])
        #expect(
            ChartScale(fitting: [1, 3], isTight: true, isWhole: true).ticks.map(\.value)
                == [1, 2, 3])
    }

    @Test func `a single value has a place`() {
        for value in [0, 7, -3, 0x1p-1063, 1e308, 5e-5] {
            let scale = ChartScale(fitting: [value])
            #expect(scale.upper > scale.lower)
            #expect(scale.place(of: value) >= 0 && scale.place(of: value) <= 1)
            #expect((2...14).contains(scale.ticks.count), "\(value): \(scale.ticks)")
        }
    }

    @Test func `no values at all still make a scale`() {
        let scale = ChartScale(fitting: [.nan, .infinity])
        #expect(scale.lower == 0 && scale.upper == 1)
        #expect(!scale.shows(.nan))
    }

    @Test func `extremes neither trap nor overflow`() {
        let all: [Double] = [
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
        ]
        for kind in [nil, ChartScale.Kind.linear, .logarithmic] {
            for values in [all, [all[0]], [all[2]], [all[2], all[0]], [1, 1 + 1e-15]] {
                let scale = ChartScale(fitting: values, kind: kind)
                #expect(scale.lower.isFinite && scale.upper.isFinite)
                for value in values where scale.shows(value) {
                    #expect(scale.place(of: value) >= 0 && scale.place(of: value) <= 1)
                }
                #expect(scale.ticks.count <= 14)
            }
        }
    }

    @Test func `a logarithmic scale is chosen for values far apart`() {
        let scale = ChartScale(fitting: [0.012, 9], kind: nil)
        #expect(scale.kind == .logarithmic)
        #expect(Self.texts(scale) == ["0.01", "0.1", "1", "10"])
        #expect(abs(scale.place(of: scale.lower)) < 1e-12)
        #expect(abs(scale.place(of: scale.upper) - 1) < 1e-12)
        #expect(!scale.shows(0))
        #expect(ChartScale(fitting: [0.5, 9], kind: nil).kind == .linear)
        #expect(ChartScale(fitting: [0, 900], kind: nil).kind == .linear)
    }

    @Test func `within a decade a logarithmic scale has more ticks`() {
        #expect(
            Self.texts(ChartScale(fitting: [2, 60], kind: .logarithmic))
                == ["2", "5", "10", "20", "50", "100"])
        #expect(Self.texts(ChartScale(fitting: [0.3, 0.4], kind: .logarithmic)) == ["0.2", "0.5"])
    }
}
