import CFuzzSupport
import SwiftletBytes

/// Stops the process when a property does not hold; libFuzzer then keeps the input.
public func require(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError(what()) }
}

/// What a target says of an input, as libFuzzer understands it.
public enum Verdict: CInt {
    /// Worth keeping if it reached something new.
    case examined = 0
    /// Of another format, which another target examines.
    case passedOver = -1
}

/// Runs `body` on a copy of an input that ends where its memory does, and holds its memory to the
/// input's length.
///
/// - Parameter allowance: bytes that may be in use beyond three times the input, of which the copy that is read is one.
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
        "\(peak) bytes were in use for an input of \(count), \(allowance) and three times it are allowed"
    )
    return verdict.rawValue
}

/// The value, or nil for an error that a file may cause: a reader's own, and no defect.
public func verdict<R>(
    _ prefixes: [String], _ body: () throws(SwiftletError) -> R
) -> R? {
    do throws(SwiftletError) {
        return try body()
    } catch {
        let name = error.code.name
        require(prefixes.contains { name.hasPrefix($0) }, "\(name) is no error of this reader")
        require([.badData, .unsupported, .noInput].contains(error.code.kind), "\(error)")
        require(!error.reason.isEmpty, "\(name) gives no reason")
        return nil
    }
}
