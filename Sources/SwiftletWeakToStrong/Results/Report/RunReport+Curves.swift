import SwiftletBytes
import SwiftletReports

extension RunReport {
    /// The training losses of a seed, and γ and λ.
    private struct Course {
        let model: ReportPlan.Model
        let history: TrainingHistory
        /// The settings of the stage.
        let settings: JSONValue?
    }

    private func courses(_ seed: Int) -> [Course] {
        (plan?.models ?? []).compactMap { model in
            guard let stage = folder.stage(seed, model.stage), let log = stage.file("log.jsonl"),
                let history = try? TrainingHistory(log: log), history.lastStep != nil
            else { return nil }
            return Course(
                model: model, history: history,
                settings: stage.record?["settings"] ?? Self.begun(stage))
        }
    }

    private static func begun(_ stage: ReportFolder.StageFolder) -> JSONValue? {
        stage.file("started.json").flatMap { try? JSONValue.read(path: $0) }?["settings"]
    }

    // MARK: Losses

    /// Points of a curve that are drawn, a quarter of a wide chart's.
    private static let stretches = 100

    var curveSection: Markup {
        let seeds = folder.seeds.enumerated().compactMap { place, seed -> Markup? in
            let charts = lossCharts(seed)
            guard !charts.isEmpty else { return nil }
            let grid = Markup.tag("div", ["class": "charts"], charts)
            if folder.seeds.count == 1 { return grid }
            return .tag(
                "details", ["class": "seed", "open": place == 0 ? "open" : nil],
                [.tag("summary", text: "Seed \(seed)"), grid])
        }
        return Self.section(
            "curves", "Training losses",
            "Means of the last steps; the losses of different methods are different quantities.",
            seeds)
    }

    private func lossCharts(_ seed: Int) -> [Markup] {
        let all = courses(seed)
        func chart(_ name: String, _ title: String, _ chosen: [(String, Course)]) -> Markup {
            var series: [ChartSeries] = []
            for (place, (label, course)) in chosen.enumerated() {
                series.append(Self.series(label, course.history.points("loss"), look: place))
                let held = course.history.points("eval_loss")
                if !held.isEmpty {
                    series.append(
                        ChartSeries("\(label), validation", held, look: place + chosen.count))
                }
            }
            return LineChart(id: "\(name)-\(seed)", title: title, series: series, kind: nil)
                .markup()
        }
        var charts: [Markup] = []
        let taught = all.filter { !ResultMethod($0.model.row.method).isStudent }
        if !taught.isEmpty {
            charts.append(
                chart(
                    "taught", "On the ground truth",
                    taught.map { (ResultMethod($0.model.row.method).fullTitle, $0) }))
        }
        var methods: [String] = []
        let students = all.filter { ResultMethod($0.model.row.method).isStudent }
        for course in students where !methods.contains(course.model.row.method) {
            methods.append(course.model.row.method)
        }
        for (place, method) in methods.enumerated() {
            charts.append(
                chart(
                    "loss\(place)", ResultMethod(method).fullTitle,
                    students.filter { $0.model.row.method == method }
                        .map { (Self.variant($0.model.row), $0) }))
        }
        return charts.filter { !$0.text.isEmpty }
    }

    private static func series(_ name: String, _ points: [ChartSeries.Point], look: Int)
        -> ChartSeries
    {
        let window = max(1, points.count / 30)
        return ChartSeries(
            name,
            SeriesThinning.thin(MovingMean.of(points, window: window), stretches: stretches),
            look: look)
    }

    /// What a student has beside its method.
    static func variant(_ row: RunResults.Student) -> String {
        var parts: [String] = []
        switch row.confidence {
        case nil, "none": parts.append("hard labels")
        case "product": parts.append("confidence")
        case let form?: parts.append("confidence by \(form)")
        }
        if row.aux == true { parts.append("auxiliary loss") }
        return parts.joined(separator: ", ")
    }

    // MARK: γ and λ

    /// γ and λ over the steps, one chart for each course that they take.
    var coefficientSection: Markup {
        guard let seed = folder.seeds.first else { return .joined([]) }
        var groups: [(names: [String], gamma: [ChartSeries.Point], lambda: [ChartSeries.Point])] =
            []
        for course in courses(seed) {
            let (gamma, lambda) = Self.coefficients(course)
            if gamma.isEmpty && lambda.isEmpty { continue }
            let name = ResultTables.title(of: course.model.row)
            if let place = groups.firstIndex(where: { $0.gamma == gamma && $0.lambda == lambda }) {
                groups[place].names.append(name)
            } else {
                groups.append(([name], gamma, lambda))
            }
        }
        let charts = groups.enumerated().map { place, group in
            LineChart(
                id: "coefficients\(place)",
                title: group.lambda.isEmpty ? "γ" : group.gamma.isEmpty ? "λ" : "γ and λ",
                series: [
                    ChartSeries("γ, auxiliary loss", group.gamma, look: 0),
                    ChartSeries("λ, regulariser", group.lambda, look: 1),
                ].filter { !$0.points.isEmpty },
                includesZero: true, notes: [group.names.joined(separator: " · ")]
            ).markup()
        }
        return Self.section(
            "coefficients", "γ and λ over time",
            "How much weight the student's own predictions have (γ), and how much the evidential "
                + "regulariser (λ).", [.tag("div", ["class": "charts"], charts)])
    }

    /// From the log where it has them, else by METHOD §3 and §5 from the settings of the stage.
    private static func coefficients(_ course: Course)
        -> (gamma: [ChartSeries.Point], lambda: [ChartSeries.Point])
    {
        let logged = (course.history.points("gamma"), course.history.points("lambda"))
        if !logged.0.isEmpty || !logged.1.isEmpty { return logged }
        guard let settings = course.settings, let last = course.history.lastStep else {
            return ([], [])
        }
        let batch = settings["batch-size"]?.double ?? 1
        var total = Double(last)
        var perEpoch = total
        if let epochs = settings["epochs"]?.double, epochs > 0 {
            perEpoch = total / epochs
        } else if let steps = settings["steps"]?.double, steps > 0 {
            total = max(total, steps)
            guard let rows = settings["rows"]?.double else { return ([], []) }
            perEpoch = (rows / batch).rounded(.up)
        }
        let places = SeriesThinning.spread(Array(0..<max(last, 1)), count: 101)
        func points(_ value: (Double) -> Double) -> [ChartSeries.Point] {
            places.map { ChartSeries.Point(x: Double($0 + 1), y: value(Double($0))) }
        }
        let gamma = settings["loss-aux"]?.double.map { maximum in
            points {
                CoefficientSchedule.auxiliary(
                    step: $0, total: total, maximum: maximum,
                    ramp: settings["loss-aux-ramp"]?.double ?? 1)
            }
        }
        let lambda = settings["loss-lambda"]?.double.map { maximum in
            points {
                CoefficientSchedule.regularizer(
                    step: $0, stepsPerEpoch: perEpoch, maximum: maximum,
                    annealing: settings["loss-anneal-epochs"]?.double ?? 10)
            }
        }
        return (gamma ?? [], lambda ?? [])
    }
}
