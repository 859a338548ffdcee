/// Which tensors of a model are trained.
///
/// The others are frozen: they are used in place, in the mapped file, and have neither gradients
/// nor optimizer state.
public struct Trainability: Sendable {
    private let includes: @Sendable (String) -> Bool

    /// Trains the tensors for which `includes` is true of the canonical name.
    public init(where includes: @escaping @Sendable (String) -> Bool) { self.includes = includes }

    /// Every tensor.
    public static let all = Trainability { _ in true }

    /// Only the head of a model: `head.…` of a language model, `classifier.…` of a classifier.
    public static let head = Trainability { $0.hasPrefix("head.") || $0.hasPrefix("classifier.") }

    /// Whether the tensor with a canonical name is trained.
    public func trains(_ name: String) -> Bool { includes(name) }
}
