/// What a row of results is about, read from its name.
///
/// Names are `weak-NAME`, `ceiling`, `single-NAME`, `naive`, `joint`, `bayesian`, the last four also
/// with `+cdpo` or `+dpo` at the end (`formats/weak-to-strong-run.md`).
public struct ResultMethod: Sendable, Hashable {
    /// The part of the method.
    public enum Role: Sendable, Hashable {
        /// A weak model trained on the ground truth.
        case weak(String)
        /// The strong model trained on the ground truth.
        case ceiling
        /// The strong model trained on the labels of one weak model.
        case single(String)
        /// The strong model trained on the labels of all: equation (2).
        case naive
        /// The strong model trained on jointly decoded sequences: equation (6).
        case joint
        /// The strong model trained with the evidential loss: equations (4) and (5).
        case bayesian
        /// Anything else.
        case other(String)
    }

    /// The name in the results.
    public let name: String
    /// What was trained, without the preference stage.
    public let role: Role
    /// The preference stage that followed, `cdpo` or `dpo`; nil for none.
    public let preference: String?

    /// Reads a name.
    public init(_ name: String) {
        self.name = name
        var base = Substring(name)
        var preference: String?
        for ending in ["cdpo", "dpo"] where preference == nil {
            if name.hasSuffix("+\(ending)") {
                (preference, base) = (ending, name.dropLast(ending.count + 1))
            } else if name == ending {
                (preference, base) = (ending, "")
            }
        }
        self.preference = preference
        role = Self.role(base)
    }

    private static func role(_ name: Substring) -> Role {
        switch name {
        case "ceiling": return .ceiling
        case "naive": return .naive
        case "joint": return .joint
        case "bayesian": return .bayesian
        default: break
        }
        if name.hasPrefix("weak-") { return .weak(String(name.dropFirst(5))) }
        if name.hasPrefix("single-") { return .single(String(name.dropFirst(7))) }
        return .other(String(name))
    }

    /// Whether this is a student: a strong model trained on weak labels.
    public var isStudent: Bool {
        switch role {
        case .weak, .ceiling: false
        default: true
        }
    }

    /// The name for people where weak models and their students stand side by side.
    public var fullTitle: String {
        switch role {
        case .weak(let name): "Weak \(name)"
        case .single: "Single \(title)"
        default: title
        }
    }

    /// The name for people, in a table that says which are weak models and which their students.
    public var title: String {
        let base =
            switch role {
            case .weak(let name), .single(let name): name
            case .ceiling: "Strong model (ceiling)"
            case .naive: "Naive multi-weak"
            case .joint: "Joint decoding"
            case .bayesian: "Bayesian multi-weak"
            case .other(let name): name
            }
        guard let preference else { return base }
        let stage = preference == "cdpo" ? "cDPO" : preference.uppercased()
        return base.isEmpty ? stage : "\(base) + \(stage)"
    }
}
