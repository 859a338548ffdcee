import SwiftletBytes

/// Which student: the row of a table of results.
public struct StudentName: Sendable, Hashable {
    /// How the labels of weak models are combined.
    public enum Method: Sendable, Hashable {
        /// The labels of one weak model.
        case single(String)
        case naive, joint, bayesian

        /// How the labels are used.
        public var kind: StudentSettings.Method {
            switch self {
            case .single: .single
            case .naive: .naive
            case .joint: .joint
            case .bayesian: .bayesian
            }
        }

        /// The name in results.
        public var name: String {
            switch self {
            case .single(let model): "single-\(model)"
            case .naive: "naive"
            case .joint: "joint"
            case .bayesian: "bayesian"
            }
        }
    }

    /// How labels are combined.
    public var method: Method
    /// Whether the auxiliary loss is used.
    public var hasAuxiliary: Bool
    /// How confidence is transferred.
    public var confidence: StudentSettings.Confidence

    /// The stage that trains it.
    public var stage: String {
        "student-\(method.name)" + (hasAuxiliary ? "-aux" : "")
            + (confidence == .none ? "" : "-\(confidence.rawValue)")
    }
}

extension RunConfiguration {
    /// Which students are trained, and how.
    public struct Students: Sendable, Equatable {
        /// The methods; `single` stands for a student of each weak model.
        public var methods: [StudentSettings.Method]
        /// Without and with the auxiliary loss.
        public var auxiliary: [Bool]
        /// The forms of labels.
        public var confidence: [StudentSettings.Confidence]
        /// The losses' settings; method, weights and confidence are those of each student.
        public var losses: StudentSettings
        /// How students are trained.
        public var training: TrainingSettings
    }

    /// How a student learns.
    ///
    /// - Parameters:
    ///   - name: the student.
    ///   - weights: of its label files.
    /// - Returns: the settings.
    func settings(of name: StudentName, weights: [Double]) -> StudentSettings {
        var settings = students.losses
        settings.method = name.method.kind
        settings.weights = weights
        settings.confidence = name.confidence
        if !name.hasAuxiliary { settings.auxiliary = 0 }
        return settings
    }

    /// All students, in the order in which they are trained.
    public var studentNames: [StudentName] {
        students.methods.flatMap { method -> [StudentName.Method] in
            switch method {
            case .single: weak.map { .single($0.name) }
            case .naive: [.naive]
            case .joint: [.joint]
            case .bayesian: [.bayesian]
            }
        }.flatMap { method in
            students.confidence.flatMap { confidence in
                students.auxiliary.map { auxiliary in
                    StudentName(
                        method: method, hasAuxiliary: auxiliary, confidence: confidence)
                }
            }
        }
    }
}
