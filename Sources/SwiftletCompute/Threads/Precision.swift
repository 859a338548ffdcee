/// The precision to which products round their factors.
///
/// Sums are always formed in single precision.
public enum Precision: Sendable, CaseIterable {
    /// Factors are not rounded.
    case f32
    /// Both factors are rounded to bf16, except in products with 8-bit weights, whose factors are not
    /// rounded.
    case bf16
}
