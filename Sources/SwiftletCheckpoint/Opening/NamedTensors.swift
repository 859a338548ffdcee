import SwiftletBytes

/// The tensors of a checkpoint, sorted by a family's names alone, without sizes.
struct NamedTensors {
    /// The model's tensors under their names in the files, in the order of the files.
    ///
    /// A head with the embedding's bytes is not among them.
    private(set) var tensors: [ModelTensor] = []
    /// Tensors that no model of the family has.
    private(set) var unexpected: [StoredTensor] = []
    /// Buffers that are not read.
    private(set) var ignored: [StoredTensor] = []
    /// The head that repeats the embedding.
    private(set) var duplicate: StoredTensor?
    /// The prefix that most tensors have.
    private(set) var prefix: String?

    /// Sorts the tensors of a checkpoint.
    ///
    /// - Parameters:
    ///   - checkpoint: the checkpoint.
    ///   - names: the family's names.
    ///   - dropsDuplicate: whether to set aside a head with the embedding's bytes.
    /// - Throws: the errors of reading a head that may be a duplicate.
    init(
        _ checkpoint: Checkpoint, names: NameMap, dropsDuplicate: Bool = true
    ) throws(SwiftletError) {
        let matches = checkpoint.familyTensors.map { ($0.tensor, names.match($0.name)) }
        prefix = Self.mainPrefix(matches.map(\.1), names)
        var positions: [String: Int] = [:]
        // A tensor may be stored both with and without prefix. The one with the prefix of the majority
        // counts, wherever it is, so those are visited first.
        for isMain in [true, false] {
            for (tensor, match) in matches {
                guard case .tensor(let index, let layer, let prefix) = match,
                    isMain == (prefix == self.prefix || !names.rows[index].isPrefixed)
                else { continue }
                let row = names.rows[index]
                let canonical = names.canonicalName(row, layer: layer)
                guard positions[canonical] == nil else {
                    unexpected.append(tensor)
                    continue
                }
                positions[canonical] = tensors.count
                tensors.append(
                    ModelTensor(canonical: canonical, tensor: tensor, row: row, layer: layer))
            }
        }
        for (tensor, match) in matches {
            switch match {
            case .buffer: ignored.append(tensor)
            case nil: unexpected.append(tensor)
            case .tensor: break
            }
        }
        guard dropsDuplicate, let head = positions[names.tiedHead.head],
            let embedding = positions[names.tiedHead.embedding],
            try Self.areIdentical(tensors[head].tensor, tensors[embedding].tensor)
        else { return }
        duplicate = tensors.remove(at: head).tensor
    }

    /// The prefix that most tensors have; nil if none of them can have one.
    private static func mainPrefix(_ matches: [NameMap.Match?], _ names: NameMap) -> String? {
        var counts: [String: Int] = [:]
        for match in matches {
            if case .tensor(let row, _, let prefix) = match, names.rows[row].isPrefixed {
                counts[prefix, default: 0] += 1
            }
        }
        return names.prefixes.filter { counts[$0] != nil }.max {
            counts[$0, default: 0] < counts[$1, default: 0]
        }
    }

    /// Whether two tensors have the same dtype, shape and bytes.
    static func areIdentical(_ a: StoredTensor, _ b: StoredTensor) throws(SwiftletError) -> Bool {
        guard a.dtype == b.dtype, a.shape == b.shape else { return false }
        let (left, right) = (try a.bytes, try b.bytes)
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { left.elementsEqualBytes($0) }
        }
    }
}
