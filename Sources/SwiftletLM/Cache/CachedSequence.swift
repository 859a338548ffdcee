import SwiftletCompute

/// The keys and values of one sequence, as a list of blocks.
///
/// Copies share their blocks, so a beginning common to several beams or samples is stored once. A
/// block is copied when a sequence writes to one that another still uses.
public struct CachedSequence: Sendable {
    private var blocks: [KeyValueBlock] = []
    /// The number of positions stored.
    public private(set) var count = 0
    /// The number of positions that were stored first, all at once.
    private var firstCount = 0
    private let shape: KeyValueBlock.Shape
    private let rotary: RotaryEmbedding?

    /// Creates an empty sequence for a decoder.
    ///
    /// - Parameters:
    ///   - description: the decoder's.
    ///   - storage: bf16 takes half the memory, and rounds.
    public init(_ description: DecoderDescription, storage: CachedHeads.Storage = .f32) {
        shape = KeyValueBlock.Shape(
            layerCount: description.layerCount, headCount: description.keyValueHeadCount,
            headSize: description.headSize, storage: storage)
        rotary = description.rotary
    }

    /// Adds the tokens of the last positions to a batch, after ``grow(by:)``.
    func append(_ ids: some Collection<Int32>, to batch: inout TokenBatch) {
        batch.append(
            ids, from: count - ids.count,
            frequencyLength: rotary?.frequencyLength(first: firstCount, total: count) ?? count)
    }

    /// Makes room for `added` more positions, in blocks that only this sequence uses.
    mutating func grow(by added: Int) {
        if count == 0 { firstCount = added }
        if count % KeyValueBlock.positions != 0, added > 0 {
            let last = blocks.count - 1
            if !isKnownUniquelyReferenced(&blocks[last]) {
                blocks[last] = KeyValueBlock(
                    copying: blocks[last], count: count % KeyValueBlock.positions)
            }
        }
        count += added
        while blocks.count * KeyValueBlock.positions < count {
            blocks.append(KeyValueBlock(shape))
        }
    }

    /// Stores the keys and values of the last positions.
    func store(layer: Int, keys: Heads, values: Heads) {
        var row = 0
        var position = count - keys.rows
        while row < keys.rows {
            let offset = position % KeyValueBlock.positions
            let length = min(KeyValueBlock.positions - offset, keys.rows - row)
            let block = blocks[position / KeyValueBlock.positions]
            block.keys(layer: layer).rows(offset..<offset + length)
                .store(keys.rows(row..<row + length))
            block.values(layer: layer).rows(offset..<offset + length)
                .store(values.rows(row..<row + length))
            row += length
            position += length
        }
    }

    /// All keys and values of a layer, block by block.
    func runs(layer: Int) -> [AttentionSequence.Run] {
        blocks.enumerated().map { index, block in
            let length = min(KeyValueBlock.positions, count - index * KeyValueBlock.positions)
            return AttentionSequence.Run(
                keys: block.keys(layer: layer).rows(0..<length),
                values: block.values(layer: layer).rows(0..<length))
        }
    }
}
