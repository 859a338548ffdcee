import SwiftletBytes

/// The numbers that a training run logged, by name and step.
///
/// A line of a log is an object with `step` and numbers: `loss`, `lr`, `grad_norm`,
/// `tokens_per_second` for each step, `eval_loss` and others for evaluations. A number that is null
/// is a gap.
public struct TrainingHistory: Sendable, Equatable {
    /// The values of one name, by ascending step.
    package struct Column: Sendable, Equatable {
        /// The name in the log.
        package let name: String
        /// The values; nil for null.
        package fileprivate(set) var points: [ChartSeries.Point] = []
    }

    /// The columns in the order in which the names appeared.
    package private(set) var columns: [Column] = []
    private var positions: [String: Int] = [:]

    /// Creates a history without values.
    public init() {}

    /// Reads a log.
    ///
    /// - Parameter path: a file of JSON lines. A last line that a kill has cut off is left out.
    /// - Throws: no input (66), I/O (74), and bad data (65) naming the line that has no step.
    public init(log path: String) throws(SwiftletError) {
        for line in JSONLines(try MappedFile(path: path).bytes) {
            guard let object = (try? JSONValue.parse(line.text))?.object, add(object) else {
                if line.isUnterminated { continue }
                throw SwiftletError(
                    .trainingHistory, file: path, "is not a line of a training log",
                    at: "line \(line.number)")
            }
        }
    }

    /// The largest step; nil without any.
    public var lastStep: Int? { columns.compactMap { $0.points.last?.x }.max().map { Int($0) } }

    /// Adds a line of a log.
    ///
    /// - Parameter line: a step before the last one replaces what is known from there on, as a run
    ///   repeats the steps after the state from which it continues.
    /// - Returns: whether the line has a step from 0; other lines change nothing.
    @discardableResult
    public mutating func add(_ line: JSONObject) -> Bool {
        guard let step = line["step"]?.int, (0...1 << 52).contains(step) else { return false }
        for (name, value) in line.pairs where name != "step" {
            if value == .null || value.double != nil {
                append(name, ChartSeries.Point(x: Double(step), y: value.double))
            }
        }
        return true
    }

    private mutating func append(_ name: String, _ point: ChartSeries.Point) {
        let position = positions[name] ?? columns.count
        if position == columns.count {
            positions[name] = position
            columns.append(Column(name: name))
        }
        while let last = columns[position].points.last, last.x >= point.x {
            columns[position].points.removeLast()
        }
        columns[position].points.append(point)
    }

    /// Drops what is known of later steps.
    ///
    /// - Parameter step: the last step that is kept.
    public mutating func truncate(after step: Int) {
        for index in columns.indices {
            while let last = columns[index].points.last, last.x > Double(step) {
                columns[index].points.removeLast()
            }
        }
    }

    /// The values of a name; empty if there are none.
    package func points(_ name: String) -> [ChartSeries.Point] {
        positions[name].map { columns[$0].points } ?? []
    }

    /// The values of a name that are finite.
    package func values(_ name: String) -> [Double] {
        points(name).compactMap(\.y).filter(\.isFinite)
    }

    // MARK: As JSON

    /// The history as an object of columns: `{"loss": {"steps": […], "values": […]}}`.
    ///
    /// Values have the precision of a `Float`. Steps that follow one another are one pair of the
    /// first and the last.
    var object: JSONObject {
        var object = JSONObject()
        for column in columns where !column.points.isEmpty {
            var runs: [ClosedRange<Int>] = []
            for point in column.points {
                let step = Int(point.x)
                if let last = runs.last, last.upperBound + 1 == step {
                    runs[runs.count - 1] = last.lowerBound...step
                } else {
                    runs.append(step...step)
                }
            }
            let values = column.points.map { point in
                point.y.map { JSONValue(finite: Float($0)) } ?? .null
            }
            object.append(
                column.name,
                .object([
                    "steps": .array(runs.map { JSONValue([$0.lowerBound, $0.upperBound]) }),
                    "values": .array(values),
                ]))
        }
        return object
    }

    /// Reads what ``object`` wrote; nil for anything else.
    init?(_ object: JSONObject) {
        for (name, column) in object.pairs {
            guard let runs = column["steps"]?.array, let values = column["values"]?.array else {
                return nil
            }
            var next = values.makeIterator()
            for run in runs {
                guard let ends = run.array?.map(\.int), ends.count == 2, let first = ends[0],
                    let last = ends[1], first >= 0, first <= last, last - first < values.count
                else { return nil }
                for step in first...last {
                    guard let value = next.next() else { return nil }
                    append(name, ChartSeries.Point(x: Double(step), y: value.double))
                }
            }
            guard next.next() == nil else { return nil }
        }
    }
}

extension SwiftletError.Code {
    /// A file is not the log of a training run.
    public static let trainingHistory = Self("training.history", .badData)
}
