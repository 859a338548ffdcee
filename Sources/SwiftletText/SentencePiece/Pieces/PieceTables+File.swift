import SwiftletBytes

extension PieceTables {
    /// Creates the tables of a SentencePiece file with the BPE algorithm: two symbols merge if
    /// their spellings together are a piece, the piece with the highest score first.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - spaceIsSymbol: Whether a space in the text means ▁.
    init(_ file: SentencePieceFile, spaceIsSymbol: Bool) {
        var builder = PieceTablesBuilder(file.vocabulary, spaceIsSymbol: spaceIsSymbol)
        var bytes = [Int32](repeating: 0, count: 256)
        var unknown: Int32 = 0
        var unused: Set<Int32> = []
        var userDefined: [(spelling: [UInt8], id: Int32)] = []
        // Pieces of several characters, which merging can create.
        var merged: [Int32] = []
        // Whether merging can create a piece or start from it.
        var isSymbol = [Bool](repeating: false, count: file.pieces.count)
        for (index, piece) in file.pieces.enumerated() {
            let id = Int32(truncatingIfNeeded: index)
            guard let spelling = file.vocabulary.token(of: index)?.bytes else { continue }
            switch piece.type {
            case .unknown: unknown = id
            case .control: break
            case .byte: if let byte = SentencePieceFile.byte(of: spelling) { bytes[Int(byte)] = id }
            case .userDefined: userDefined.append((Array(spelling), id))
            case .normal, .unused:
                if piece.type == .unused { unused.insert(id) }
                isSymbol[index] = true
                if let code = CheckedUTF8.only(in: spelling) {
                    builder.add(character: code, id: id)
                } else {
                    builder.add(merged: spelling)
                    merged.append(id)
                }
            }
        }
        func symbol(_ part: UnsafeBufferPointer<UInt8>) -> Int32? {
            if let code = CheckedUTF8.only(in: part) { return builder.symbol(character: code) }
            guard let id = file.vocabulary.id(of: part), isSymbol[Int(id)] else { return nil }
            return id
        }
        let ranks = Self.ranks(merged.map { file.pieces[Int($0)].score })
        var merges: [Merge] = []
        var mergeRanks: [UInt32] = []
        for (id, rank) in zip(merged, ranks) {
            guard let spelling = file.vocabulary.token(of: Int(id))?.bytes else { continue }
            for position in 1..<spelling.count where spelling[position] & 0xC0 != 0x80 {
                guard let left = symbol(UnsafeBufferPointer(rebasing: spelling[..<position])),
                    let right = symbol(UnsafeBufferPointer(rebasing: spelling[position...]))
                else { continue }
                merges.append(Merge(left: left, right: right, result: id))
                mergeRanks.append(rank)
            }
        }
        self = builder.build(
            MergeTable(merges, ranks: mergeRanks), bytes: file.hasByteFallback ? bytes : nil,
            unknown: unknown, unused: unused, userDefined: userDefined)
    }

    /// The rank of each score, from the highest down; equal scores share a rank.
    private static func ranks(_ scores: [Float]) -> [UInt32] {
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var ranks = [UInt32](repeating: 0, count: scores.count)
        var rank: UInt32 = 0
        for (place, index) in order.enumerated() {
            if place > 0, scores[index] < scores[order[place - 1]] { rank += 1 }
            ranks[index] = rank
        }
        return ranks
    }
}
