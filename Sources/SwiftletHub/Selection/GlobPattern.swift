/// A pattern as Python's `fnmatch` has it: `*` is any text, slashes included, `?` one character,
/// `[ab]`, `[a-z]` and `[!a]` one of a set; case counts.
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

    /// Reads a pattern. One that ends in a slash means all that is in the folder, as `hf download` has it.
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

    /// The set that begins behind a `[`, and where what follows it begins; nil if it is not closed.
    private static func set(_ scalars: [Unicode.Scalar], _ start: Int) -> (Piece, Int)? {
        var first = start
        let inverted = first < scalars.count && scalars[first] == "!"
        if inverted { first += 1 }
        // A bracket right at the front is a member.
        guard first < scalars.count, let end = scalars[(first + 1)...].firstIndex(of: "]") else {
            return nil
        }
        var ranges: [ClosedRange<UInt32>] = []
        var position = first
        while position < end {
            let low = scalars[position].value
            if position + 2 < end, scalars[position + 1] == "-" {
                let high = scalars[position + 2].value
                // A range that runs backwards has no member.
                if low <= high { ranges.append(low...high) }
                position += 3
            } else {
                ranges.append(low...low)
                position += 1
            }
        }
        return (.set(ranges, inverted: inverted), end + 1)
    }

    /// Whether the whole of a path matches; takes time in proportion to both lengths' product at most.
    func matches(_ path: String) -> Bool {
        let scalars = Array(path.unicodeScalars)
        var (piece, position) = (0, 0)
        // The latest star, and up to where it has taken the text so far.
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
