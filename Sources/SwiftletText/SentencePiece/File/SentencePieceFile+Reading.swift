import SwiftletBytes

extension SentencePieceFile {
    /// Reads and checks the file at `path`.
    ///
    /// - Throws: a code of `sentencepiece.…`, ``/SwiftletBytes/SwiftletError/Code/notUTF8`` or
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported``, with the offset where there is one.
    static func read(path: String) throws(SwiftletError) -> SentencePieceFile {
        let file = try MappedFile(path: path)
        try ForeignContent.refuse(file.bytes, file: path)
        do {
            return try SentencePieceFile(file.bytes)
        } catch {
            throw error.inFile(path)
        }
    }

    /// Reads and checks a file's bytes.
    init(_ bytes: ByteView) throws(SwiftletError) {
        self.bytes = bytes
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                var message = try reader.message(field)
                pieces.append(try Self.piece(&message, at: field.offset))
            case 2:
                var message = try reader.message(field)
                try readTrainer(&message)
            case 3:
                var message = try reader.message(field)
                try normalization.read(&message)
            case 4:
                var message = try reader.message(field)
                try readSamples(&message)
            case 5:
                var message = try reader.message(field)
                var rules = Normalization()
                try rules.read(&message)
                if rules.characterMap.count > 0 { hasDenormalization = true }
            default: try reader.skip(field)
            }
            if !(3...5).contains(field.number) {
                if let last = pieceRanges.last, last.upperBound == field.offset {
                    pieceRanges[pieceRanges.count - 1] = last.lowerBound..<reader.position
                } else {
                    pieceRanges.append(field.offset..<reader.position)
                }
            }
        }
        try check()
    }

    private static func piece(
        _ message: inout ProtobufReader, at offset: Int
    ) throws(SwiftletError) -> Piece {
        var piece = Piece(offset: offset)
        while let field = try message.next() {
            switch field.number {
            case 1: piece.spelling = try message.text(field)
            case 2: piece.score = try message.float(field)
            case 3:
                let number = try message.number(field)
                guard let type = PieceType(rawValue: number) else {
                    throw SwiftletError(
                        .sentencePiecePiece, "piece type \(number) is not one of 1 to 6",
                        at: "offset \(field.offset)")
                }
                piece.type = type
            default: try message.skip(field)
            }
        }
        return piece
    }

    private mutating func readTrainer(_ message: inout ProtobufReader) throws(SwiftletError) {
        while let field = try message.next() {
            switch field.number {
            case 3:
                let number = try message.number(field)
                guard let algorithm = Algorithm(rawValue: number) else {
                    throw SwiftletError(
                        .sentencePieceSpec, "model type \(number) is not one of 1 to 4",
                        at: "offset \(field.offset)")
                }
                self.algorithm = algorithm
            case 24: whitespaceIsSuffix = try message.bool(field)
            case 35: hasByteFallback = try message.bool(field)
            default: try message.skip(field)
            }
        }
    }

    private mutating func readSamples(_ message: inout ProtobufReader) throws(SwiftletError) {
        while let field = try message.next() {
            guard field.number == 1 else {
                try message.skip(field)
                continue
            }
            var inner = try message.message(field)
            var sample = Sample(offset: field.offset)
            while let part = try inner.next() {
                switch part.number {
                case 1: sample.input = try inner.text(part)
                case 2: sample.expected = try inner.text(part)
                default: try inner.skip(part)
                }
            }
            samples.append(sample)
        }
    }
}

extension SentencePieceFile.Normalization {
    fileprivate mutating func read(_ message: inout ProtobufReader) throws(SwiftletError) {
        while let field = try message.next() {
            switch field.number {
            case 1: name = String(decoding: try message.text(field).copy(), as: UTF8.self)
            case 2:
                characterMap = try message.view(field)
                offset = field.offset
            case 3: addsDummyPrefix = try message.bool(field)
            case 4: removesExtraWhitespace = try message.bool(field)
            case 5: escapesWhitespace = try message.bool(field)
            default: try message.skip(field)
            }
        }
    }
}
