/// A pattern in the syntax of Python's `fnmatch`, case-sensitive: `*` matches any text, including
/// slashes; `?` one character; `[ab]`, `[a-z]` and `[!a]` one character of a set.
struct GlobPattern: Sendable {
    private enum Piece {
        case any
        case one
        case character(Unicode.Scalar)
        case set([ClosedRange<UInt32>], inverted: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .any, .one: true
            case .character(let other): scalar == other
            case .set(let ranges, let inverted):
                ranges.contains { $0.contains(scalar.value) } != inverted
            }
        }
    }

    private let pieces: [Piece]

    /// Reads a pattern.
    ///
    /// One that ends in a slash matches everything in the folder, as in `hf download`.
    init(_ text: String) {
        let scalars = Array((text.hasSuffix("/") ? text + "*" : text).unicodeScalars)
        var pieces: [Piece] = []
        var position = 0
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            switch scalar {
            case "*":
                if case .any = pieces.last { continue }
                pieces.append(.any)
            case "?": pieces.append(.one)
            case "[":
                guard let (set, end) = Self.set(scalars, position) else {
                    pieces.append(.character(scalar))
                    continue
                }
                pieces.append(set)
                position = end
            default: pieces.append(.character(scalar))
            }
        }
        self.pieces = pieces
    }

    /// The set that begins after a `[`, and the position after its `]`; nil if it is not closed.
    private static func set(_ scalars: [Unicode.Scalar], _ start: Int) -> (Piece, Int)? {
        var first = start
        let inverted = first < scalars.count && scalars[first] == "!"
        if inverted { first += 1 }
        // A bracket at the start of a set is a member of it.
        guard first < scalars.count, let end = scalars[(first + 1)...].firstIndex(of: "]") else {
            return nil
        }
        var ranges: [ClosedRange<UInt32>] = []
        var position = first
        while position < end {
            let low = scalars[position].value
            if position + 2 < end, scalars[position + 1] == "-" {
                let high = scalars[position + 2].value
                // A reversed range is empty.
                if low <= high { ranges.append(low...high) }
                position += 3
            } else {
                ranges.append(low...low)
                position += 1
            }
        }
        return (.set(ranges, inverted: inverted), end + 1)
    }

    /// Whether the whole path matches.
    ///
    /// Takes time proportional to the product of both lengths at most.
    func matches(_ path: String) -> Bool {
        let scalars = Array(path.unicodeScalars)
        var (piece, position) = (0, 0)
        // The last star, and the end of the text that it matches so far.
        var star: (piece: Int, position: Int)?
        while position < scalars.count {
            if piece < pieces.count, case .any = pieces[piece] {
                star = (piece, position)
                piece += 1
            } else if piece < pieces.count, pieces[piece].matches(scalars[position]) {
                piece += 1
                position += 1
            } else if let (last, taken) = star {
                star = (last, taken + 1)
                (piece, position) = (last + 1, taken + 1)
            } else {
                return false
            }
        }
        return pieces[piece...].allSatisfy { if case .any = $0 { true } else { false } }
    }
}
