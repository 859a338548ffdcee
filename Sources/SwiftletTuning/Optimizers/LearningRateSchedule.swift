import RealModule
import SwiftletCompute

/// How the learning rate runs over a training, as transformers' `optimization.py` has it.
public struct LearningRateSchedule: Sendable, Equatable {
    /// The shape behind the warm-up.
    public enum Shape: String, Sendable, CaseIterable {
        /// The same to the end.
        case constant
        /// In a straight line to zero.
        case linear
        /// Along half a cosine to zero.
        case cosine
    }

    /// The shape.
    public let shape: Shape
    /// The rate at the end of the warm-up.
    public let peak: Double
    /// Steps in which the rate rises from zero.
    public let warmup: Int
    /// Steps in all.
    public let total: Int

    /// Creates a schedule.
    public init(shape: Shape, peak: Double, warmup: Int = 0, total: Int) {
        self.shape = shape
        self.peak = peak
        self.warmup = warmup
        self.total = total
    }

    /// The rate of the step before which `done` steps were made.
    public func rate(after done: Int) -> Double {
        if done < warmup { return peak * Double(done) / Double(max(warmup, 1)) }
        let length = Double(max(total - warmup, 1))
        let progress = Double(done - warmup) / length
        switch shape {
        case .constant: return peak
        case .linear: return peak * max(0, 1 - progress)
        case .cosine: return peak * max(0, 0.5 * (1 + Double.cos(Double.pi * progress)))
        }
    }
}
