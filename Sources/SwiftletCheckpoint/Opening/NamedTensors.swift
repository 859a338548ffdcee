import SwiftletBytes

/// The tensors of a checkpoint sorted out by a family's names alone, without sizes.
struct NamedTensors {
    /// A tensor of the model.
    struct Item {
        var canonical: String
        var row: NameMap.Row
        var layer: Int
        var tensor: StoredTensor
    }

    /// The model's tensors, in the order of the files. A head whose bytes are the embedding's is
    /// not among them.
    private(set) var tensors: [Item] = []
    private(set) var unexpected: [StoredTensor] = []
    private(set) var ignored: [StoredTensor] = []
    /// The head that repeats the embedding.
    private(set) var duplicate: StoredTensor?
    /// The prefix that most tensors came with.
    private(set) var prefix: String?

    /// - Parameters:
    ///   - checkpoint: what is sorted out.
    ///   - names: the family's.
    ///   - dropsDuplicate: whether a head with the embedding's bytes is set apart.
    init(_ checkpoint: Checkpoint, names: NameMap, dropsDuplicate: Bool = true) {
        var positions: [String: Int] = [:]
        var prefixes: [String: Int] = [:]
        for tensor in checkpoint.tensors {
            switch names.match(tensor.name) {
            case .buffer: ignored.append(tensor)
            case nil: unexpected.append(tensor)
            case .tensor(let index, let layer, let prefix):
                let row = names.rows[index]
                let canonical = names.canonicalName(row, layer: layer)
                // With and without prefix: the second is one too many.
                guard positions[canonical] == nil else {
                    unexpected.append(tensor)
                    continue
                }
                positions[canonical] = tensors.count
                if row.isPrefixed { prefixes[prefix, default: 0] += 1 }
                tensors.append(
                    Item(canonical: canonical, row: row, layer: layer, tensor: tensor))
            }
        }
        prefix = names.prefixes.max { prefixes[$0, default: 0] < prefixes[$1, default: 0] }
        if prefixes.isEmpty { prefix = nil }
        guard dropsDuplicate, let head = positions[names.tiedHead.head],
            let embedding = positions[names.tiedHead.embedding],
            Self.areIdentical(tensors[head].tensor, tensors[embedding].tensor)
        else { return }
        duplicate = tensors.remove(at: head).tensor
    }

    /// The item of a canonical name.
    func item(_ canonical: String) -> Item? { tensors.first { $0.canonical == canonical } }

    /// Whether two tensors have one dtype, one shape and the same bytes.
    static func areIdentical(_ a: StoredTensor, _ b: StoredTensor) -> Bool {
        guard a.dtype == b.dtype, a.shape == b.shape, a.bytes.count == b.bytes.count else {
            return false
        }
        return a.bytes.withUnsafeBytes { left in
            b.bytes.withUnsafeBytes { right in left.elementsEqualBytes(right) }
        }
    }
}
