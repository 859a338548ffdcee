import SwiftletBytes

extension PieceTables {
    /// The tables of a SentencePiece file of the algorithm BPE: two symbols merge if what they spell
    /// together is a piece, the piece of the highest score first.
    ///
    /// - Parameter spaceIsSymbol: whether a space in the text is taken for ▁.
    init(_ file: SentencePieceFile, spaceIsSymbol: Bool) {
        var builder = PieceTablesBuilder(file.vocabulary, spaceIsSymbol: spaceIsSymbol)
        var bytes = [Int32](repeating: 0, count: 256)
        var unknown: Int32 = 0
        var unused: Set<Int32> = []
        var userDefined: [(spelling: [UInt8], id: Int32)] = []
        // Pieces of several characters that merging can make, and their characters.
        var merged: [(id: Int32, spelling: [UInt8], characters: [UInt32])] = []
        for (index, piece) in file.pieces.enumerated() {
            let id = Int32(truncatingIfNeeded: index)
            let spelling = piece.spelling.copy()
            switch piece.type {
            case .unknown: unknown = id
            case .control: break
            case .byte: if let byte = SentencePieceFile.byte(of: spelling) { bytes[Int(byte)] = id }
            case .userDefined: userDefined.append((spelling, id))
            case .normal, .unused:
                if piece.type == .unused { unused.insert(id) }
                let characters = String(decoding: spelling, as: UTF8.self).unicodeScalars.map(
                    \.value)
                if characters.count == 1 {
                    builder.add(character: characters[0], id: id)
                } else {
                    builder.add(merged: characters)
                    merged.append((id, spelling, characters))
                }
            }
        }
        let ranks = Self.ranks(merged.map { file.pieces[Int($0.id)].score })
        var merges: [Merge] = []
        var mergeRanks: [UInt32] = []
        for (piece, rank) in zip(merged, ranks) {
            var position = 0
            for (index, code) in piece.characters.dropLast().enumerated() {
                position += Self.length(code)
                let rest = piece.characters.count - index - 1
                guard
                    let left = index == 0
                        ? builder.symbol(character: code)
                        : Self.symbol(piece.spelling[..<position], file),
                    let right = rest == 1
                        ? builder.symbol(character: piece.characters[index + 1])
                        : Self.symbol(piece.spelling[position...], file)
                else { continue }
                merges.append(Merge(left: left, right: right, result: piece.id))
                mergeRanks.append(rank)
            }
        }
        self = builder.build(
            MergeTable(merges, ranks: mergeRanks), bytes: file.hasByteFallback ? bytes : nil,
            unknown: unknown, unused: unused, userDefined: userDefined)
    }

    private static func length(_ code: UInt32) -> Int {
        code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    }

    /// The piece of this spelling, if merging can make it.
    private static func symbol(_ spelling: ArraySlice<UInt8>, _ file: SentencePieceFile) -> Int32? {
        guard let id = spelling.withUnsafeBufferPointer({ file.vocabulary.id(of: $0) }) else {
            return nil
        }
        let type = file.pieces[Int(id)].type
        return type == .normal || type == .unused ? id : nil
    }

    /// The place of each score from the highest down; equal scores share one.
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
