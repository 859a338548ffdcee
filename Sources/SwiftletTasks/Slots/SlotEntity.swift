/// A slot of an utterance: its type, and the words that fill it.
///
/// Two entities are equal if their scalars are. Swift compares strings by canonical equivalence; the
/// evaluation of SLURP does not.
public struct SlotEntity: Sendable, Hashable, CustomStringConvertible {
    let exactType: ExactText
    let exactFiller: ExactText

    /// The slot's type, such as `event_name`.
    public var type: String { exactType.text }
    /// The words that fill it.
    public var filler: String { exactFiller.text }

    /// Creates an entity.
    public init(type: String, filler: String) {
        exactType = ExactText(type)
        exactFiller = ExactText(filler)
    }

    /// The type and the filler: `event_name: dance class`.
    public var description: String { "\(type): \(filler)" }
}
