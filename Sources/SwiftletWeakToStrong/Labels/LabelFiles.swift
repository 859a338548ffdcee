import SwiftletBytes
import SwiftletTasks

/// What a label file says about its examples.
public enum LabelKind: Sendable, Equatable {
    /// Probabilities of classes: ``ClassLabel``.
    case classes
    /// Responses to prompts: ``SequenceLabel``.
    case sequences

    /// Determines the kind of a file by its first line.
    ///
    /// - Parameter path: the file.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noLabels``;
    ///   ``SwiftletBytes/SwiftletError/Code/labelLine`` for a line of neither kind; no input (66).
    public init(ofFile path: String) throws(SwiftletError) {
        var lines = JSONLines(try TaskLines.text(path: path))
        guard let line = lines.next() else { throw Self.empty(path) }
        do throws(SwiftletError) {
            let fields = try LabelFields(line.text).fields
            switch (fields["probabilities"] != nil, fields["candidates"] != nil) {
            case (true, false): self = .classes
            case (false, true): self = .sequences
            case (true, true):
                throw SwiftletError(.labelLine, "has both \"probabilities\" and \"candidates\"")
            case (false, false):
                throw SwiftletError(
                    .labelLine, "has neither \"probabilities\" nor \"candidates\"")
            }
        } catch {
            throw error.inFile(path).at("line \(line.number)")
        }
    }

    static func empty(_ path: String) -> SwiftletError {
        SwiftletError(.noLabels, file: path, "there is no label")
    }
}

/// The labels of several weak models for the same examples, read side by side, one example at a
/// time.
///
/// ```swift
/// var labels = try LabelFiles<ClassLabel>(["gpt2.jsonl", "opt.jsonl"])
/// while let example = try labels.next() { print(example.map(\.probabilities)) }
/// ```
public struct LabelFiles<Line: LabelLine> {
    /// The files.
    public let paths: [String]
    /// The number of examples read.
    public private(set) var count = 0
    /// The number of the first file's line that was read last, counted from 1.
    public private(set) var line = 0
    private var lines: [JSONLines]
    private var classCount: Int?

    /// Opens files.
    ///
    /// - Parameter paths: at least one.
    /// - Throws: no input (66).
    public init(_ paths: [String]) throws(SwiftletError) {
        precondition(!paths.isEmpty, "labels need a file")
        self.paths = paths
        lines = []
        for path in paths { lines.append(JSONLines(try TaskLines.text(path: path))) }
    }

    /// Reads the labels of the next example.
    ///
    /// - Returns: one label per file; nil at the end of all files.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/labelLine`` naming file and line, also for the
    ///   first difference between files; ``SwiftletBytes/SwiftletError/Code/noLabels``.
    public mutating func next() throws(SwiftletError) -> [Line]? {
        var labels: [Line] = []
        for index in lines.indices {
            guard let next = lines[index].next() else {
                if !labels.isEmpty { throw endsEarly(index) }
                continue
            }
            if index == 0 { line = next.number }
            do throws(SwiftletError) {
                // If the first file has ended, so have all others.
                guard labels.count == index else {
                    throw SwiftletError(.labelLine, "is one example more than \(paths[0]) has")
                }
                let label = try Line(try LabelFields(next.text))
                try check(label, labels.first)
                labels.append(label)
            } catch {
                throw error.inFile(paths[index]).at("line \(next.number)")
            }
        }
        guard let label = labels.first else {
            if count == 0 { throw LabelKind.empty(paths[0]) }
            return nil
        }
        if count == 0 { classCount = label.classCount }
        count += 1
        return labels
    }

    /// Checks a label against that of the first file, and against all labels so far.
    private func check(_ label: Line, _ first: Line?) throws(SwiftletError) {
        if let first, !label.isExample(of: first) {
            throw SwiftletError(
                .labelLine, "is not the example of line \(line) of \(paths[0])")
        }
        if let found = label.classCount,
            let expected = first?.classCount ?? classCount, found != expected
        {
            throw SwiftletError(
                .labelLine, "\(found) probabilities, where there were \(expected) before",
                at: "key \"probabilities\"")
        }
    }

    private func endsEarly(_ index: Int) -> SwiftletError {
        SwiftletError(
            .labelLine, file: paths[index],
            "has \(count) examples, fewer than \(paths[0])", at: "the end")
    }
}
