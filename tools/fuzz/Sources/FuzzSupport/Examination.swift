import CFuzzSupport
import SwiftletBytes

/// Terminates the process if a property does not hold, whereupon libFuzzer keeps the input.
public func require(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError(what()) }
}

/// The verdict of a target on an input, as libFuzzer expects it.
public enum Verdict: CInt {
    /// The input is kept if it reached new code.
    case examined = 0
    /// The input has another format, which another target examines, and is not kept.
    case skipped = -1
}

/// Runs `body` on a copy of an input that ends where its memory does, and limits the memory that it
/// uses.
///
/// - Parameters:
///   - start: The bytes of the input.
///   - count: The number of bytes.
///   - allowance: The number of bytes that may be in use in addition to three times the input. The
///     copy of the input counts.
///   - body: Examines the input.
/// - Returns: The value to return to libFuzzer.
public func examine(
    _ start: UnsafePointer<UInt8>?, _ count: Int, allowance: Int,
    _ body: (ByteView) -> Verdict
) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    allocations_begin()
    let verdict = body(ByteView(bytes))
    let peak = allocations_peak()
    require(
        peak <= 3 * count + allowance,
        "\(peak) bytes were in use for an input of \(count); the limit is \(3 * count + allowance)")
    return verdict.rawValue
}

/// Returns the result of `body`, or nil if it throws an error that a file may cause, whose code must
/// have one of the prefixes and not be a defect.
public func verdict<R>(
    _ prefixes: [String], _ body: () throws(SwiftletError) -> R
) -> R? {
    do throws(SwiftletError) {
        return try body()
    } catch {
        let name = error.code.name
        require(prefixes.contains { name.hasPrefix($0) }, "\(name) is not an error of this reader")
        require([.badData, .unsupported, .noInput].contains(error.code.kind), "\(error)")
        require(!error.reason.isEmpty, "\(name) has no reason")
        return nil
    }
}
