/// The charts of one training run.
package struct TrainingCharts: Sendable {
    private let history: TrainingHistory
    private let prefix: String

    /// Creates the charts.
    ///
    /// - Parameters:
    ///   - history: what was logged.
    ///   - prefix: begins the ids, which must be unique on the page.
    package init(_ history: TrainingHistory, prefix: String) {
        (self.history, self.prefix) = (history, prefix)
    }

    /// All charts, the loss first and wide.
    package func markup() -> Markup {
        var charts = [Markup.tag("div", ["class": "wide"], [loss])]
        for column in history.columns where column.name != "loss" && column.name != "eval_loss" {
            charts.append(chart(column))
        }
        return .tag("div", ["class": "charts"], charts)
    }

    /// Training and evaluation loss.
    package var loss: Markup {
        let training = history.points("loss")
        var series: [ChartSeries] = []
        let window = Self.window(training.count)
        if window > 1 {
            series.append(ChartSeries("each batch", training, look: 0, style: .background))
            series.append(
                ChartSeries(
                    "training, mean of \(window)", MovingMean.of(training, window: window),
                    look: 0))
        } else {
            series.append(ChartSeries("training", training, look: 0))
        }
        let evaluation = history.points("eval_loss")
        if !evaluation.isEmpty { series.append(ChartSeries("evaluation", evaluation, look: 1)) }
        return LineChart(id: "\(prefix)loss", title: "Loss", series: series, kind: nil).markup()
    }

    private func chart(_ column: TrainingHistory.Column) -> Markup {
        let (title, kind, includesZero) = Self.known[column.name] ?? (column.name, nil, false)
        let isNoisy = column.name == "grad_norm" || column.name == "tokens_per_second"
        let window = isNoisy ? Self.window(column.points.count) : 1
        var series = [ChartSeries(title, column.points, look: 0)]
        if window > 1 {
            series[0].style = .background
            series[0].name = "each step"
            series.append(
                ChartSeries(
                    "mean of \(window)", MovingMean.of(column.points, window: window), look: 0))
        }
        let id = "\(prefix)c\(history.columns.firstIndex(of: column) ?? 0)"
        return LineChart(
            id: id, title: title, series: series, kind: kind, includesZero: includesZero
        ).markup()
    }

    /// Names of the log for people, and the axes that suit them.
    private static let known: [String: (String, ChartScale.Kind?, Bool)] = [
        "lr": ("Learning rate", .linear, true),
        "grad_norm": ("Norm of the gradients", nil, true),
        "tokens_per_second": ("Tokens per second", .linear, true),
        "eval_accuracy": ("Accuracy of the evaluation", .linear, false),
        "gamma": ("γ, the weight of the auxiliary loss", .linear, true),
        "lambda": ("λ, the weight of the regulariser", .linear, true),
    ]

    /// The number of values in a moving mean: a fiftieth, 1 (no mean) for short runs.
    private static func window(_ count: Int) -> Int { count < 100 ? 1 : max(5, count / 50) }
}
