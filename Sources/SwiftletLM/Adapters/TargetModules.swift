import SwiftletBytes

/// Which modules of a model an adapter applies to, as PEFT's `target_modules` says it.
public enum TargetModules: Sendable, Equatable {
    /// Every linear layer but the head.
    case allLinear
    /// Modules by their names, or by the ends of their names after a dot: `q_proj`.
    case named([String])
    /// Modules whose whole name matches a regular expression.
    case pattern(String)

    /// Reads the value of `target_modules`.
    init(_ value: JSONValue) throws(SwiftletError) {
        if let text = value.string {
            try self.init(text)
        } else {
            self = .named(try AdapterConfiguration.names(value))
        }
    }

    /// Reads `all-linear` or a regular expression.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/adapterConfiguration`` for a text that is not a
    ///   regular expression.
    public init(_ text: String) throws(SwiftletError) {
        if text == "all-linear" {
            self = .allLinear
        } else {
            try ModulePattern.check(text)
            self = .pattern(text)
        }
    }

    var json: JSONValue {
        switch self {
        case .allLinear: .string("all-linear")
        case .named(let names): .array(names.map { .string($0) })
        case .pattern(let pattern): .string(pattern)
        }
    }

    /// Whether a module is a target.
    ///
    /// - Parameters:
    ///   - module: its name in the model's class, such as `transformer.h.0.attn.c_attn`.
    ///   - isHead: whether it computes logits.
    /// - Returns: true for a target.
    func contains(_ module: String, isHead: Bool) -> Bool {
        switch self {
        case .allLinear: !isHead
        case .named(let names): names.contains { module == $0 || module.hasSuffix(".\($0)") }
        case .pattern(let pattern): ModulePattern.matches(pattern, whole: module)
        }
    }
}
