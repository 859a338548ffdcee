import CSwiftletKernels
import Foundation
import Testing

/// Every kernel, at every level of this processor.
///
/// A level is forced for a whole process, so each test does its work in a process of its own, where
/// no other test runs kernels. A read or write past a fence ends that process and fails the test.
@Suite enum KernelTests {}

/// Calls `body` with each level that this processor has in force.
func atEveryLevel(_ body: (swiftlet_level) throws -> Void) rethrows {
    for raw in 0...swiftlet_best_level().rawValue {
        let level = swiftlet_level(rawValue: raw)
        precondition(swiftlet_force_level(level) == level)
        try body(level)
    }
}

/// Sizes around every vector width and its unrolled multiples.
let oddSizes = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 67, 127, 257, 1000]

/// Elements that end where an unreadable page begins: a read past the end is a crash, and an odd count
/// makes an unaligned start. What lies before the start is checked on request. The pages stay until the
/// test's process ends, so a pointer outlives the value that it was taken from.
struct Fenced<Element: BitwiseCopyable> {
    let count: Int
    let pointer: UnsafeMutablePointer<Element>

    init(_ values: [Element], misalignedBy shift: Int = 0) {
        let page = Int(getpagesize())
        let bytes = values.count * MemoryLayout<Element>.stride + shift
        count = values.count
        let length = (bytes + 64 + page - 1) / page * page + page
        let map = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let base = map, base != MAP_FAILED else { preconditionFailure("mmap") }
        memset(base, 0xA5, length - page)
        precondition(mprotect(base + (length - page), page, PROT_NONE) == 0)
        pointer = (base + (length - page - bytes)).assumingMemoryBound(to: Element.self)
        values.withUnsafeBytes { source in
            if let start = source.baseAddress { memcpy(pointer, start, source.count) }
        }
    }

    var values: [Element] {
        (0..<count).map { UnsafeRawPointer(pointer + $0).loadUnaligned(as: Element.self) }
    }

    var startIsIntact: Bool {
        let start = UnsafeRawPointer(pointer)
        return (1...64).allSatisfy { (start - $0).load(as: UInt8.self) == 0xA5 }
    }
}

extension Fenced<Float> {
    init(count: Int) { self.init([Float](repeating: .signalingNaN, count: count)) }
}

/// Repeatable numbers (splitmix64, Steele et al. 2014).
struct Numbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

/// Whether `value` lies within `tolerance` of `wanted`; two NaN agree, equal infinities too.
func agrees(_ value: Float, _ wanted: Double, _ tolerance: Double) -> Bool {
    if wanted.isNaN { return value.isNaN }
    if wanted.isInfinite { return Double(value) == wanted }
    return abs(Double(value) - wanted) <= tolerance
}

/// Expects two arrays to agree element by element and names the first that does not.
func expectAgreement(
    _ values: [Float], _ wanted: [Double], tolerance: (Int) -> Double, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(values.count == wanted.count, "\(what)", sourceLocation: sourceLocation)
    let bad = values.indices.first { !agrees(values[$0], wanted[$0], tolerance($0)) }
    if let bad {
        Issue.record(
            "\(what): element \(bad) is \(values[bad]), wanted \(wanted[bad]) ± \(tolerance(bad))",
            sourceLocation: sourceLocation)
    }
}

/// The bits of floats, which tell zeros apart and let NaN equal itself.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
