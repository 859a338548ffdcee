import SwiftletBytes
import Testing

/// A JSON file of golden numbers.
public enum GoldenFile {
    /// The value of a file in `fixtures/`.
    public static func json(_ path: String) throws -> JSONValue {
        try JSONValue.read(path: TestFiles.fixture(path))
    }
}

extension JSONValue {
    /// The elements, required to be there.
    public func elements(_ key: String? = nil) throws -> [JSONValue] {
        try #require((key.map { self[$0] } ?? self)?.array)
    }

    /// Token ids.
    public func tokens(_ key: String? = nil) throws -> [Int32] {
        try elements(key).map { Int32(try #require($0.int)) }
    }

    /// Numbers.
    public func numbers(_ key: String? = nil) throws -> [Double] {
        try elements(key).map { try #require($0.double) }
    }

    /// One number.
    public func number(_ key: String) throws -> Double { try #require(self[key]?.double) }
}

/// Where two lists of numbers differ most: the index, both values, and the difference; nil if they
/// agree within `tolerance`, or not at all comparable lists give index −1.
public func worstDifference(
    _ found: [Double], _ expected: [Double], tolerance: Double
) -> String? {
    guard found.count == expected.count else {
        return "\(found.count) numbers instead of \(expected.count)"
    }
    var worst: (index: Int, difference: Double)?
    for (index, pair) in zip(found, expected).enumerated() {
        let difference = abs(pair.0 - pair.1)
        if difference.isNaN || difference > (worst?.difference ?? tolerance) {
            worst = (index, difference.isNaN ? .infinity : difference)
        }
    }
    return worst.map {
        "[\($0.index)]: \(found[$0.index]) instead of \(expected[$0.index]), tolerance \(tolerance)"
    }
}
