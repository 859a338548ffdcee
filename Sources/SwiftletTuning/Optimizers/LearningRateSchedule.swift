import RealModule
import SwiftletCompute

/// The course of the learning rate over a run, as in transformers' `optimization.py`.
public struct LearningRateSchedule: Sendable, Equatable {
    /// The shape after the warm-up.
    public enum Shape: String, Sendable, CaseIterable {
        /// Constant to the end.
        case constant
        /// A straight line to zero.
        case linear
        /// Half a cosine to zero.
        case cosine
    }

    /// The shape.
    public let shape: Shape
    /// The rate at the end of the warm-up.
    public let peak: Double
    /// Steps in which the rate rises from zero.
    public let warmup: Int
    /// The number of steps of the run.
    public let total: Int

    /// Creates a schedule.
    public init(shape: Shape, peak: Double, warmup: Int = 0, total: Int) {
        self.shape = shape
        self.peak = peak
        self.warmup = warmup
        self.total = total
    }

    /// The rate of the step that follows `done` steps.
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
