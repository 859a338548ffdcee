import SwiftletBytes

extension ExampleReader {
    /// Reads what a line says of its tokens: for each null, a token, `{"token":probability,…}`, or an
    /// array of as many probabilities as the vocabulary has tokens.
    ///
    /// - Parameters:
    ///   - fields: the fields of the line.
    ///   - count: the number of tokens.
    /// - Returns: a target per token; nil if the key is missing or null.
    /// - Throws: an error that names the element.
    func distributions(_ fields: JSONFields, count: Int) throws(SwiftletError)
        -> [TargetDistribution?]?
    {
        let key = "distributions"
        guard let elements = try fields.array(key) else { return nil }
        guard elements.count == count else {
            throw fields.failure(key, "\(elements.count) distributions for \(count) ids")
        }
        var targets: [TargetDistribution?] = []
        for (index, element) in elements.enumerated() {
            do throws(SwiftletError) {
                targets.append(try distribution(element))
            } catch {
                throw fields.failure(key, error.reason, element: index)
            }
        }
        return targets
    }

    private func distribution(_ value: JSONValue) throws(SwiftletError) -> TargetDistribution? {
        switch value {
        case .null: return nil
        case .number: return .index(try token(value.int, value.excerpt))
        case .array(let values):
            guard values.count == encoder.vocabularySize else {
                throw SwiftletError(
                    .trainingLine,
                    "\(values.count) probabilities for a vocabulary of \(encoder.vocabularySize)")
            }
            let probabilities = try values.map { (value) throws(SwiftletError) in
                try probability(value)
            }
            try ClassifiedText.checkSum(probabilities)
            return .dense(probabilities)
        case .object(let object):
            if let key = object.duplicateKey {
                throw SwiftletError(.trainingLine, "has token \"\(key)\" twice")
            }
            let indices = try object.pairs.map { (pair) throws(SwiftletError) in
                // As written by any program that makes keys of numbers: no sign, no leading zeros.
                let token = Int(pair.key).flatMap { String($0) == pair.key ? $0 : nil }
                return try self.token(token, "\"\(pair.key)\"")
            }
            let probabilities = try object.pairs.map { (pair) throws(SwiftletError) in
                try probability(pair.value)
            }
            try ClassifiedText.checkSum(probabilities)
            return .sparse(indices: indices, probabilities: probabilities)
        case .bool, .string:
            throw SwiftletError(.trainingLine, "\(value.excerpt) is not a distribution")
        }
    }

    private func token(_ number: Int?, _ excerpt: String) throws(SwiftletError) -> Int32 {
        guard let number, (0..<encoder.vocabularySize).contains(number) else {
            throw SwiftletError(
                .trainingLine,
                "\(excerpt) is not a token of the vocabulary of \(encoder.vocabularySize)")
        }
        return Int32(number)
    }

    private func probability(_ value: JSONValue) throws(SwiftletError) -> Float {
        guard let number = value.probability else {
            throw SwiftletError(.trainingLine, "\(value.excerpt) is not a probability")
        }
        return number
    }
}

extension JSONFields {
    /// The fields of a line of training data.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingLine`` for another value than an object;
    ///   the errors of JSON.
    init(trainingLine line: ByteView) throws(SwiftletError) {
        try self.init(JSONValue.parse(line, allowsNonFinite: true), code: .trainingLine)
    }
}

extension JSONValue {
    /// The number, if it is finite and not negative.
    var probability: Float? { double.flatMap { $0 >= 0 && $0.isFinite ? Float($0) : nil } }
}
