import SwiftletBytes
import SwiftletTasks

extension TaskComparison {
    /// The p-value that METHOD reports: McNemar's for right answers, else the bootstrap's.
    private var main: (test: String, pValue: Double) {
        mcNemar.map { ("mcnemar", $0.pValue) } ?? ("bootstrap", bootstrap.pValue)
    }

    /// The comparison as JSON.
    func json(_ test: PairedBootstrap) -> JSONObject {
        var object: JSONObject = [
            "metric": .string(metric), "difference": JSONValue(finite: bootstrap.difference),
            "test": .string(main.test), "p_value": JSONValue(finite: main.pValue),
            "bootstrap": .object([
                "p_value": JSONValue(finite: bootstrap.pValue),
                "at_most_0": JSONValue(bootstrap.atMostZero),
                "at_least_0": JSONValue(bootstrap.atLeastZero),
                "resamples": JSONValue(test.resamples),
                "seed": .number(JSONNumber(text: String(test.seed))),
            ]),
        ]
        if let mcNemar {
            object.append(
                "mcnemar",
                .object([
                    "p_value": JSONValue(finite: mcNemar.pValue),
                    "only_first": JSONValue(mcNemar.onlyFirst),
                    "only_second": JSONValue(mcNemar.onlySecond),
                ]))
        }
        return object
    }

    /// The comparison as a line.
    var text: String {
        var text = "\(metric) differs by \(bootstrap.difference): p = \(main.pValue) (\(main.test)"
        if let mcNemar {
            text += ", \(mcNemar.onlyFirst) to \(mcNemar.onlySecond)"
            text += "; bootstrap \(bootstrap.pValue)"
        }
        return text + ")"
    }
}
