/// The labels of a classification head: how many there are, and their names.
public struct ClassLabels: Sendable, Equatable {
    /// The number of labels, at least 1.
    public let count: Int
    /// The names in the configuration, by number.
    private let names: [Int: String]

    /// The number of labels if the configuration does not state it.
    static let standardCount = 2

    init(count: Int, names: [Int: String]) {
        self.count = count
        self.names = names
    }

    /// The name of a label: the one in `id2label`, or `LABEL_` and the label's number.
    public subscript(index: Int) -> String { names[index] ?? "LABEL_\(index)" }
}
