/// What a classification head tells apart: how many labels there are, and their names.
public struct ClassLabels: Sendable, Equatable {
    /// The number of labels, at least 1.
    public let count: Int
    /// The names that the configuration has, by number.
    private let names: [Int: String]

    /// The number of labels of a configuration that does not say it.
    static let standardCount = 2

    init(count: Int, names: [Int: String]) {
        self.count = count
        self.names = names
    }

    /// The name of a label: what `id2label` says, else `LABEL_` and its number.
    public subscript(index: Int) -> String { names[index] ?? "LABEL_\(index)" }
}
