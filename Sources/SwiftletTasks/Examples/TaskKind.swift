import SwiftletBytes

/// A task that models are trained for and evaluated on.
public enum TaskKind: String, Sendable, CaseIterable {
    /// SciQ: is the answer to a question right?
    case sciq
    /// SLURP: which slots does a sentence have?
    case slurp
    /// One's own classes: lines `{"text" or "ids", "label"}`.
    case classify
    /// One's own texts: lines `{"prompt","completion"}`, with `entities` for slots.
    case generate

    /// Whether answers are classes, which a classification head gives, or else generated texts.
    public var hasClasses: Bool { self == .sciq || self == .classify }
}

extension TaskKind {
    /// The task whose gold answers a file has, by the keys of its first line: `correct_answer` for
    /// SciQ, `prompt` or `completion` for texts, `entities` for SLURP, `label` or `probabilities` for
    /// classes.
    ///
    /// - Parameter path: the file.
    /// - Throws: no input (66); bad data (65) for a file without lines, or a first line without any
    ///   of these keys.
    public init(goldAt path: String) throws(SwiftletError) {
        let kinds = try TaskLines.read(path: path, limit: 1) { fields, _ throws(SwiftletError) in
            if fields["correct_answer"] != nil { return TaskKind.sciq }
            if fields["prompt"] != nil || fields["completion"] != nil { return .generate }
            if fields["entities"] != nil { return .slurp }
            if fields["label"] != nil || fields["probabilities"] != nil { return .classify }
            throw SwiftletError(
                .taskLine,
                "has none of \"entities\", \"label\", \"completion\" and \"correct_answer\"")
        }
        guard let kind = kinds.first else {
            throw SwiftletError(.noTaskExamples, file: path, "there is no gold answer")
        }
        self = kind
    }
}
