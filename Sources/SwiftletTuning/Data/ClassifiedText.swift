import SwiftletBytes
import SwiftletCheckpoint

/// A line of classification data: tokens, and a class or a distribution over classes.
public struct ClassifiedText: Sendable, Equatable {
    /// What is known of the class.
    public enum Label: Sendable, Equatable {
        /// The class by its number.
        case number(Int)
        /// The class by its name.
        case name(String)
        /// A probability for each class.
        case probabilities([Float])
    }

    /// The tokens.
    public let ids: [Int32]
    /// The class.
    public let label: Label
    /// The number of the line in its file, counted from 1.
    public let line: Int

    /// Checks that probabilities add up to 1, within a thousandth.
    static func checkSum(_ probabilities: [Float]) throws(SwiftletError) {
        let sum = probabilities.reduce(0, +)
        guard abs(sum - 1) <= 1e-3 else {
            throw SwiftletError(.trainingLine, "the sum is \(sum), not 1")
        }
    }
}

extension ClassifiedText.Label {
    /// What a head with some labels is to predict.
    ///
    /// - Parameter labels: the head's labels.
    /// - Returns: an index or a distribution over the labels.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingLine`` for a class that the head does
    ///   not have.
    func target(among labels: NumberedLabels) throws(SwiftletError) -> TargetDistribution {
        switch self {
        case .name(let name):
            guard let number = labels.numbers[name] else {
                throw SwiftletError(.trainingLine, "\"\(name)\" is not a label of the model")
            }
            return .index(Int32(number))
        case .number(let number):
            guard number < labels.count else {
                throw SwiftletError(
                    .trainingLine, "class \(number) is not one of \(labels.count)")
            }
            return .index(Int32(number))
        case .probabilities(let probabilities):
            guard probabilities.count == labels.count else {
                throw SwiftletError(
                    .trainingLine,
                    "\(probabilities.count) probabilities for \(labels.count) classes")
            }
            return .dense(probabilities)
        }
    }
}

/// The labels of a head by name.
struct NumberedLabels: Sendable {
    let count: Int
    /// Of equal names the last counts.
    let numbers: [String: Int]

    init(_ labels: ClassLabels) {
        count = labels.count
        numbers = Dictionary((0..<labels.count).map { (labels[$0], $0) }) { $1 }
    }
}

/// The classes of the data that a fresh head is made for.
struct ClassNames {
    private var names: Set<String> = []
    private var count = 0

    mutating func add(_ label: ClassifiedText.Label) {
        switch label {
        case .name(let name): names.insert(name)
        case .number(let number): count = max(count, number + 1)
        case .probabilities(let probabilities): count = max(count, probabilities.count)
        }
    }

    /// The names: those in the data in alphabetical order, or `LABEL_0` to the highest number.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingLine`` when names and numbers are mixed,
    ///   or there are fewer than two classes.
    func sorted() throws(SwiftletError) -> [String] {
        guard names.isEmpty || count == 0 else {
            throw SwiftletError(
                .trainingLine, "has classes by name and by number",
                hint: "give all of them in the same way")
        }
        let result = names.isEmpty ? (0..<count).map { "LABEL_\($0)" } : names.sorted()
        guard result.count >= 2 else {
            throw SwiftletError(.trainingLine, "has fewer than two classes")
        }
        return result
    }
}
