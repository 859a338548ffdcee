import SwiftletBytes

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

    /// Reads the labels of a configuration, whatever else it has; nil if it does not say which there
    /// are.
    ///
    /// - Parameter path: the file.
    /// - Throws: no input (66); bad data (65), naming the key.
    package init?(path: String) throws(SwiftletError) {
        let fields = try JSONFields(
            JSONValue.read(path: path), file: path, code: .configurationValue)
        guard fields["id2label"] != nil || fields["num_labels"] != nil else { return nil }
        self = try fields.labels()
    }

    /// The name of a label: the one in `id2label`, or `LABEL_` and the label's number.
    public subscript(index: Int) -> String { names[index] ?? "LABEL_\(index)" }
}
