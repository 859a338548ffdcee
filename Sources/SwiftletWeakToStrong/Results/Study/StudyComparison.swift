import SwiftletTasks

/// The answers of the models that a difference is made of, for all seeds, as units of a bootstrap.
///
/// A unit is a test example with what all these models of all seeds answered to it. Drawing
/// examples, with the mean over the seeds inside, says how far a result depends on the examples; how
/// far it depends on the seed shows in the spread over seeds.
struct StudyComparison {
    /// One side of a difference.
    struct Side {
        /// The results that it belongs to.
        let experiment: StudyResults.Experiment
        /// The model.
        let model: RunResults.Student

        /// The models that its gap refers to.
        var weak: [RunResults.Student] {
            let weak = experiment.models.filter { ResultMethod($0.method).isWeak }
            guard case .single(let name) = ResultMethod(model.method).role else { return weak }
            return weak.filter { ResultMethod($0.method).role == .weak(name) }
        }
    }

    /// The seeds for which everything is there.
    let seeds: [Int]
    /// The number of test examples that the sides have in common, in all seeds together.
    let exampleCount: Int
    /// The sides' figures, seed by seed; undefined gaps are nil.
    let figures: [[Double?]]

    private let metric: StudyMetric
    private let figure: StudyDescription.Figure
    private let sideModels: [[(StudyResults.Experiment, RunResults.Student)]]
    private let units: PairedBootstrap.Units
    private let perSeed: [PairedBootstrap.Units]
    private let outcomes: [(onlyFirst: Int, onlySecond: Int)]

    /// Lines up the answers of sides; nil if there is no seed for which everything is there.
    ///
    /// - Parameters:
    ///   - sides: one or two; one is compared with 0.
    ///   - metric: what is computed of the answers.
    ///   - figure: the metric or the gap that is recovered.
    init?(_ sides: [Side], _ metric: StudyMetric, _ figure: StudyDescription.Figure) {
        (self.metric, self.figure) = (metric, figure)
        sideModels = sides.map { Self.models(of: $0, figure) }
        let models = sideModels.flatMap(\.self)
        let blockWidth = metric.width * models.count
        var seeds: [Int] = []
        var terms: [[String: [Double]]] = []
        var order: [String] = []
        var known: Set<String> = []
        var outcomes: [(Int, Int)] = []
        for seed in sides.first?.experiment.seeds ?? [] {
            let rows = models.compactMap { $0.0.row($0.1, seed) }
            guard rows.count == models.count, let first = rows.first else { continue }
            let lines = rows.map { row in
                Dictionary(row.examples.map { ($0.id, $0) }) { first, _ in first }
            }
            var own: [String: [Double]] = [:]
            var (onlyFirst, onlySecond) = (0, 0)
            for example in first.examples {
                let answers = lines.compactMap { $0[example.id] }
                let values = answers.compactMap(metric.terms)
                guard values.count == models.count else { continue }
                own[example.id] = values.flatMap(\.self)
                if known.insert(example.id).inserted { order.append(example.id) }
                if sides.count == 2, let second = lines[sideModels[0].count][example.id] {
                    if example.isCorrect, !second.isCorrect { onlyFirst += 1 }
                    if !example.isCorrect, second.isCorrect { onlySecond += 1 }
                }
            }
            guard !own.isEmpty else { continue }
            seeds.append(seed)
            terms.append(own)
            outcomes.append((onlyFirst, onlySecond))
        }
        guard !seeds.isEmpty else { return nil }
        self.seeds = seeds
        self.outcomes = outcomes
        exampleCount = order.count
        var units = PairedBootstrap.Units(width: blockWidth * seeds.count)
        var perSeed = seeds.map { _ in PairedBootstrap.Units(width: blockWidth) }
        let nothing = [Double](repeating: 0, count: blockWidth)
        for id in order {
            units.append(terms.flatMap { $0[id] ?? nothing })
            for (place, own) in terms.enumerated() {
                if let values = own[id] { perSeed[place].append(values) }
            }
        }
        (self.units, self.perSeed) = (units, perSeed)
        let (blocks, figureOf) = (sideModels, Self.figure(metric, figure))
        figures = perSeed.map { units in
            let sums = Self.sums(units)
            return Self.sides(sums[...], blocks, metric.width).map(figureOf)
        }
    }

    /// A side's model, then, for a gap, the ceiling and the weak models.
    private static func models(of side: Side, _ figure: StudyDescription.Figure)
        -> [(StudyResults.Experiment, RunResults.Student)]
    {
        let own = [(side.experiment, side.model)]
        guard figure == .pgr else { return own }
        let ceiling = RunResults.Student(method: "ceiling", aux: nil, confidence: nil)
        return own + ([ceiling] + side.weak).map { (side.experiment, $0) }
    }

    private static func sums(_ units: PairedBootstrap.Units) -> [Double] {
        var sums = [Double](repeating: 0, count: units.width)
        for (place, value) in units.values.enumerated() { sums[place % units.width] += value }
        return sums
    }

    /// The sums of a seed, side by side.
    private static func sides(
        _ sums: ArraySlice<Double>, _ blocks: [[(StudyResults.Experiment, RunResults.Student)]],
        _ width: Int
    ) -> [ArraySlice<Double>] {
        var start = sums.startIndex
        return blocks.map { models in
            defer { start += models.count * width }
            return sums[start..<start + models.count * width]
        }
    }

    /// The figure of a side as a function of its sums.
    private static func figure(_ metric: StudyMetric, _ figure: StudyDescription.Figure)
        -> (ArraySlice<Double>) -> Double?
    {
        let width = metric.width
        return { sums in
            var values: [Double] = []
            for start in stride(from: sums.startIndex, to: sums.endIndex, by: width) {
                guard let value = metric.value(sums[start..<start + width]) else { return nil }
                values.append(value)
            }
            guard let own = values.first else { return nil }
            if figure == .value { return own }
            guard values.count > 2 else { return nil }
            return PerformanceGap.recovered(
                by: own, weak: Array(values[2...]), ceiling: values[1])
        }
    }

    // MARK: Differences and tests

    /// The difference of each seed; nil where it is undefined.
    var differences: [Double?] { figures.map(Self.difference) }

    private static func difference(_ figures: [Double?]) -> Double? {
        let known = figures.compactMap(\.self)
        guard known.count == figures.count, let first = known.first else { return nil }
        return known.count == 2 ? first - known[1] : first
    }

    /// The name of the test of a seed.
    var test: String { usesMcNemar ? "mcnemar" : "bootstrap" }

    private var usesMcNemar: Bool {
        metric == .share && figure == .value && sideModels.count == 2
    }

    /// The p-value of each seed: McNemar's exact test for shares of right answers, else the paired
    /// bootstrap.
    func pValues(by bootstrap: PairedBootstrap) -> [Double?] {
        if usesMcNemar {
            return outcomes.map { McNemarTest.pValue($0.onlyFirst, $0.onlySecond) }
        }
        return perSeed.map { pValue($0, seedCount: 1, by: bootstrap) }
    }

    /// The p-value of the mean over the seeds: of a single seed as ``pValues(by:)``, else the
    /// bootstrap over examples with all seeds' answers to each.
    func pValue(by bootstrap: PairedBootstrap) -> Double? {
        seeds.count == 1
            ? pValues(by: bootstrap).first ?? nil
            : pValue(units, seedCount: seeds.count, by: bootstrap)
    }

    private func pValue(
        _ units: PairedBootstrap.Units, seedCount: Int, by bootstrap: PairedBootstrap
    ) -> Double? {
        let blockWidth = units.width / seedCount
        let (blocks, width) = (sideModels, metric.width)
        let figureOf = Self.figure(metric, figure)
        return bootstrap.test(units) { sums in
            var total = 0.0
            for seed in 0..<seedCount {
                let own = sums[seed * blockWidth..<(seed + 1) * blockWidth]
                let figures = Self.sides(own, blocks, width).map(figureOf)
                guard let difference = Self.difference(figures) else { return nil }
                total += difference
            }
            return total / Double(seedCount)
        }?.pValue
    }
}
