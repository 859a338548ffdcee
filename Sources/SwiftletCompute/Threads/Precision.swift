/// What the inputs of products are rounded to. Sums are always formed in single precision.
public enum Precision: Sendable, CaseIterable {
    /// Inputs are taken as they are.
    case f32
    /// Both factors of a product with a weight of f32, f16 or bf16 are rounded to bf16 first; a
    /// weight of 8 bits is multiplied as it is.
    case bf16
}
