/// What wrappers of a module put into the names of its tensors: `_orig_mod.` (torch.compile),
/// `module.` (data parallelism), `base_model.model.` (PEFT), the key of a checkpoint of a trainer.
///
/// They are recognized by what is left without them: the names of a family. The reference does not
/// strip them; it takes such tensors for unexpected ones, and starts with random weights.
struct WrappedNames: Sendable, Equatable {
    /// What all of the model's names begin with, after the inner parts are removed; may be empty.
    let prefix: String
    /// The parts that wrappers of single modules put anywhere in a name, each with its period.
    let parts: [String]

    /// The parts of wrappers that may surround any module, not the whole model alone.
    private static let anywhere = [
        "_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.",
    ]

    /// Who adds what, for sentences.
    private static let origins = [
        "_orig_mod.": "torch.compile", "_fsdp_wrapped_module.": "FSDP",
        "_checkpoint_wrapped_module.": "activation checkpointing",
        "module.": "data parallelism", "base_model.model.": "PEFT",
        "state_dict.": "a trainer's checkpoint", "model.": "a trainer's checkpoint or a wrapper",
    ]

    /// Finds out how the names of a family's model are wrapped; nil if they are not, or if what is left
    /// is no model of the family.
    ///
    /// - Parameters:
    ///   - names: the names of all tensors.
    ///   - map: the family.
    init?(_ names: [String], of map: NameMap) {
        let marked = names.filter(Self.hasMarkedPart)
        let parts = Self.anywhere.filter { part in
            marked.contains { Self.removing([part], from: $0) != $0 }
        }
        // Almost all checkpoints end here.
        if parts.isEmpty, names.contains(where: { Self.isFirst($0, map) }) { return nil }
        let inner = parts.isEmpty ? names : names.map { Self.removing(parts, from: $0) }
        var counts: [String: Int] = [:]
        for name in inner {
            guard let prefix = Self.prefix(of: name, map) else { continue }
            // A name of the family as it is shows that there is no prefix.
            counts[prefix] = inner.count { $0.hasPrefix(prefix) }
        }
        let prefixes = counts.sorted {
            $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
        }
        guard let prefix = counts.keys.contains("") ? "" : prefixes.first?.key else { return nil }
        let left = inner.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        guard map.recognition(left) != nil else { return nil }
        self.prefix = prefix
        self.parts = parts
    }

    /// The part of a name before the family's first tensor, which every model has; nil for the names
    /// of other tensors.
    private static func prefix(of name: String, _ map: NameMap) -> String? {
        var rest = name[...]
        while true {
            if isFirst(String(rest), map) { return String(name[..<rest.startIndex]) }
            guard let period = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: period)...]
        }
    }

    /// Whether a name is that of the family's first tensor.
    private static func isFirst(_ name: String, _ map: NameMap) -> Bool {
        if case .tensor(row: 0, layer: _, prefix: _) = map.match(name) { true } else { false }
    }

    /// Whether a part of a name begins with an underscore, as all of ``anywhere`` do.
    private static func hasMarkedPart(_ name: String) -> Bool {
        var previous = UInt8(ascii: ".")
        for byte in name.utf8 {
            if byte == UInt8(ascii: "_"), previous == UInt8(ascii: ".") { return true }
            previous = byte
        }
        return false
    }

    /// A name without some of its parts.
    private static func removing(_ parts: [String], from name: String) -> String {
        let dropped = Set(parts.map { $0.dropLast() })
        return name.split(separator: ".", omittingEmptySubsequences: false)
            .filter { !dropped.contains($0) }.joined(separator: ".")
    }

    /// A name without what the wrappers added; nil for a tensor outside the model.
    func stripped(_ name: String) -> String? {
        let name = parts.isEmpty ? name : Self.removing(parts, from: name)
        guard name.hasPrefix(prefix) else { return nil }
        return String(name.dropFirst(prefix.count))
    }

    /// What the names have, such as `"_orig_mod." (torch.compile)`.
    var what: String {
        (parts + (prefix.isEmpty ? [] : [prefix])).map { part in
            Self.origins[part].map { "\"\(part)\" (\($0))" } ?? "\"\(part)\""
        }.joined(separator: " and ")
    }

    /// What to do where the names do not fit.
    var hint: String {
        "the tensors' names have \(what); swiftlet convert SRC DST --strip-prefix writes the model "
            + "without it"
    }
}
