import Testing

/// Finds the element of `found` that differs most from `expected`.
///
/// An element agrees if it is at most its tolerance away, if both are NaN, or if both are the same
/// infinity.
///
/// - Returns: the index, both values and the tolerance; nil if all elements agree.
public func worstDifference<Number: BinaryFloatingPoint>(
    _ found: [Number], _ expected: [Double], within tolerance: (_ index: Int) -> Double
) -> String? {
    guard found.count == expected.count else {
        return "\(found.count) numbers instead of \(expected.count)"
    }
    var worst: (index: Int, excess: Double)?
    for index in found.indices {
        let (value, wanted) = (Double(found[index]), expected[index])
        if value == wanted || value.isNaN && wanted.isNaN { continue }
        let excess = abs(value - wanted) - tolerance(index)
        // Written so that a NaN, whose difference is NaN too, is the worst of all.
        if excess <= worst?.excess ?? 0 { continue }
        worst = (index, excess.isNaN ? .infinity : excess)
    }
    guard let index = worst?.index else { return nil }
    return "element \(index) is \(found[index]), expected \(expected[index]) ± \(tolerance(index))"
}

/// Finds the element of `found` that differs most from `expected`, with one tolerance for all.
public func worstDifference<Number: BinaryFloatingPoint>(
    _ found: [Number], _ expected: [Double], within tolerance: Double
) -> String? {
    worstDifference(found, expected) { _ in tolerance }
}

/// Expects two lists of numbers to agree, and reports the worst difference if they do not.
///
/// - Parameters:
///   - found: the numbers to check.
///   - expected: the numbers that they should be.
///   - tolerance: the largest difference allowed at an index.
///   - what: what the numbers are, for the report.
///   - sourceLocation: the place of the expectation.
public func expectClose<Number: BinaryFloatingPoint>(
    _ found: [Number], _ expected: [Double], within tolerance: (_ index: Int) -> Double,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let problem = worstDifference(found, expected, within: tolerance) else { return }
    let what = what()
    Issue.record(
        Comment(rawValue: what.isEmpty ? problem : "\(what): \(problem)"),
        sourceLocation: sourceLocation)
}

/// Expects two lists of numbers to agree within one tolerance.
public func expectClose<Number: BinaryFloatingPoint>(
    _ found: [Number], _ expected: [Double], within tolerance: Double = 1e-4,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose(
        found, expected, within: { _ in tolerance }, what(), sourceLocation: sourceLocation)
}

/// Expects two numbers to agree.
public func expectClose<Number: BinaryFloatingPoint>(
    _ found: Number, _ expected: Double, within tolerance: Double = 1e-4,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose([found], [expected], within: tolerance, what(), sourceLocation: sourceLocation)
}

/// Returns tolerances relative to the expected numbers, and absolute where those are below 1.
public func relative(_ tolerance: Double, to expected: [Double]) -> (_ index: Int) -> Double {
    { tolerance * max(1, abs(expected[$0])) }
}
