import CSwiftletKernels
import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Tests of every kernel at every level that this processor supports.
///
/// Forcing a level affects the whole process, so each test runs in a child process, where no other test
/// uses kernels. A read or write past a fence ends that process and fails the test.
@Suite enum KernelTests {}

/// Calls `body` with each level that this processor supports, while that level is forced.
func atEveryLevel(_ body: (swiftlet_level) throws -> Void) rethrows {
    for raw in 0...swiftlet_best_level().rawValue {
        let level = swiftlet_level(rawValue: raw)
        precondition(swiftlet_force_level(level) == level)
        try body(level)
    }
}

/// Sizes around every vector width and the multiples of unrolled loops.
let oddSizes = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 67, 127, 257, 1000]

/// Elements that end where an unreadable page begins.
///
/// A read past the end crashes, and an odd count makes the start unaligned. Writes before the start are
/// found by ``isStartIntact``. The pages remain until the test's process ends, so pointers outlive the
/// value that they were taken from.
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

    var isStartIntact: Bool {
        let start = UnsafeRawPointer(pointer)
        return (1...64).allSatisfy { (start - $0).load(as: UInt8.self) == 0xA5 }
    }
}

extension Fenced<Float> {
    init(count: Int) { self.init([Float](repeating: .signalingNaN, count: count)) }
}

extension SplitMix64 {
    /// Reproducible numbers, uniform in a range.
    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

/// The bit patterns of floats, which distinguish zeros by sign and make NaN equal to itself.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
