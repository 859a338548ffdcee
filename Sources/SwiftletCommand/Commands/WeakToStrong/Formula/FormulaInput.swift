import SwiftletBytes

/// The numbers of a line for a formula, checked so that the formula is defined.
struct FormulaInput {
    let fields: JSONFields

    init(_ fields: JSONFields) { self.fields = fields }

    // MARK: Numbers

    /// A finite number.
    func number(_ key: String) throws(SwiftletError) -> Double {
        try fields.required(key) { (key) throws(SwiftletError) in
            try fields.read(key, as: "a finite number", \.finite)
        }
    }

    /// A finite number from 0.
    func amount(_ key: String) throws(SwiftletError) -> Double {
        let number = try number(key)
        guard number >= 0 else { throw fields.failure(key, "\(number) is negative") }
        return number
    }

    /// A number from 0 to 1.
    func share(_ key: String) throws(SwiftletError) -> Double {
        let number = try number(key)
        guard (0...1).contains(number) else {
            throw fields.failure(key, "\(number) is not from 0 to 1")
        }
        return number
    }

    /// An integer in a range.
    func index(_ key: String, below count: Int) throws(SwiftletError) -> Int {
        try fields.required(key) { (key) throws(SwiftletError) in
            try fields.int(key, in: 0...max(count - 1, 0))
        }
    }

    /// An integer from 0, perhaps written with a fraction of 0.
    func count(_ key: String) throws(SwiftletError) -> Int {
        let limit = Int(Int32.max)
        return try fields.required(key) { (key) throws(SwiftletError) in
            try fields.read(key, as: "an integer from 0 to \(limit)") { value in
                value.double.flatMap { Int(exactly: $0) }.flatMap {
                    (0...limit).contains($0) ? $0 : nil
                }
            }
        }
    }

    /// A word with a meaning.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default standard: Choice? = nil
    ) throws(SwiftletError) -> Choice {
        if let standard, fields[key] == nil { return standard }
        return try fields.required(key) { (key) throws(SwiftletError) in
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            return try fields.read(key, as: "one of \(names)") {
                $0.string.flatMap { Choice(rawValue: $0) }
            }
        }
    }

    // MARK: Arrays

    /// An array of values.
    func array(_ key: String) throws(SwiftletError) -> [JSONValue] {
        try fields.required(key) { (key) throws(SwiftletError) in try fields.array(key) }
    }

    /// The numbers of an array that `convert` accepts.
    func numbers(
        _ value: JSONValue, _ key: String, as expected: String, _ convert: (JSONValue) -> Double?
    ) throws(SwiftletError) -> [Double] {
        let array = try fields.read(value, key, as: "an array of numbers", \.array)
        var numbers: [Double] = []
        numbers.reserveCapacity(array.count)
        for (index, element) in array.enumerated() {
            guard let number = convert(element) else {
                throw fields.failure(key, "\(element.excerpt) is not \(expected)", element: index)
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Logits, at least `least`, of which some may be −∞.
    func logits(_ key: String = "logits", atLeast least: Int = 1) throws(SwiftletError) -> [Double]
    {
        try logits(.array(try array(key)), key, atLeast: least)
    }

    /// A value as logits.
    func logits(_ value: JSONValue, _ key: String, atLeast least: Int = 1)
        throws(SwiftletError) -> [Double]
    {
        let logits = try numbers(value, key, as: "a finite number or -Infinity") { value in
            value.double.flatMap { $0 < .infinity ? $0 : nil }
        }
        guard logits.count >= least else {
            throw fields.failure(key, "\(logits.count) logits; at least \(least) are needed")
        }
        guard logits.contains(where: { $0 > -.infinity }) else {
            throw fields.failure(key, "every logit is -Infinity")
        }
        return logits
    }

    /// Numbers from 0, such as probabilities, of a known number.
    func amounts(_ value: JSONValue, _ key: String, count: Int?) throws(SwiftletError) -> [Double] {
        let amounts = try numbers(value, key, as: "a number from 0") { value in
            value.finite.flatMap { $0 >= 0 ? $0 : nil }
        }
        if let count, amounts.count != count {
            throw fields.failure(key, "\(amounts.count) numbers instead of \(count)")
        }
        return amounts
    }

    /// A distribution over `count` classes, which need not sum to 1.
    func distribution(_ key: String, count: Int) throws(SwiftletError) -> [Double] {
        try amounts(.array(try array(key)), key, count: count)
    }

    /// Log-probabilities; null and -Infinity are an impossible token.
    func logProbabilities(_ value: JSONValue, _ key: String) throws(SwiftletError) -> [Double] {
        try numbers(value, key, as: "a log-probability") { value in
            value == .null
                ? -Double.infinity : value.double.flatMap { $0 < .infinity ? $0 : nil }
        }
    }

    /// One weight per weak model; without the key all are 1/N.
    func weights(count: Int) throws(SwiftletError) -> [Double] {
        guard let value = fields["weights"] else {
            return Array(repeating: 1 / Double(max(count, 1)), count: count)
        }
        return try amounts(value, "weights", count: count)
    }

    /// What each weak model says about the same thing, with the weights; that of a model of weight 0
    /// is not looked at.
    func perModel(
        _ key: String, _ read: (JSONValue) throws(SwiftletError) -> [Double]
    ) throws(SwiftletError) -> (rows: [[Double]], weights: [Double]) {
        let values = try array(key)
        guard !values.isEmpty else { throw fields.failure(key, "no weak model") }
        let weights = try weights(count: values.count)
        var rows: [[Double]] = []
        for (value, weight) in zip(values, weights) {
            rows.append(weight == 0 ? [] : try read(value))
        }
        return (rows, weights)
    }

    /// Lengths of pieces of text.
    func lengths(_ key: String) throws(SwiftletError) -> [Int] {
        try fields.required(key) { (key) throws(SwiftletError) in
            try fields.elements(key, as: "a length") { value in
                value.int.flatMap { $0 >= 0 ? $0 : nil }
            }
        }
    }
}

extension JSONValue {
    /// The number, if it is finite.
    var finite: Double? { double.flatMap { $0.isFinite ? $0 : nil } }

    /// Numbers as an array; null where one is not finite.
    static func numbers(_ numbers: [Double]) -> JSONValue {
        .array(numbers.map { JSONValue(finite: $0) })
    }
}
