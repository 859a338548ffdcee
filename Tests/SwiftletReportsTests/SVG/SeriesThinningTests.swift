import Testing

@testable import SwiftletReports

@Suite struct SeriesThinningTests {
    private static let many = (0..<50_000).map { (step: Int) -> ChartSeries.Point in
        let y: Double? = step == 31_337 ? 99 : step == 20_000 ? nil : Double(step % 97)
        return ChartSeries.Point(x: Double(step), y: y)
    }

    @Test func `few points stay as they are`() {
        let points = Array(Self.many.prefix(1600))
        #expect(SeriesThinning.thin(points) == points)
        #expect(SeriesThinning.thin([]).isEmpty)
    }

    @Test func `thousands become few, with ends, peaks and gaps, the same each time`() {
        let thinned = SeriesThinning.thin(Self.many)
        #expect(thinned.count <= 2000)
        #expect(thinned.first == Self.many.first && thinned.last == Self.many.last)
        #expect(thinned.contains(Self.many[31_337]))
        #expect(thinned.contains(Self.many[20_000]))
        #expect(thinned == SeriesThinning.thin(Self.many))
        #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
    }

    @Test func `equal places are not thinned`() {
        let points = Array(repeating: ChartSeries.Point(x: 1, y: 2), count: 5000)
        #expect(SeriesThinning.thin(points).count == 5000)
    }

    @Test func `an even choice has both ends`() {
        let chosen = SeriesThinning.spread(Array(0..<1000), count: 7)
        #expect(chosen == [0, 166, 333, 499, 666, 832, 999])
        #expect(SeriesThinning.spread([1, 2], count: 7) == [1, 2])
    }

    @Test func `a moving mean keeps gaps`() {
        let values: [Double?] = [1, 3, nil, 5, .nan, 7]
        let points = values.enumerated().map {
            ChartSeries.Point(x: Double($0.offset), y: $0.element)
        }
        #expect(MovingMean.of(points, window: 2).map(\.y) == [1, 2, nil, 4, nil, 6])
    }
}
