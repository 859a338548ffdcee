import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension JSONValue {
    /// The numbers at a key.
    func doubles(_ key: String) throws -> [Double] {
        try #require(self[key]?.array, "\(text())").map { try #require($0.double) }
    }

    /// The integers at a key.
    func ints(_ key: String) throws -> [Int] {
        try #require(self[key]?.array, "\(text())").map { try #require($0.int) }
    }

    /// The strings at a key.
    func strings(_ key: String) throws -> [String] {
        try #require(self[key]?.array, "\(text())").map { try #require($0.string) }
    }

    /// The number at a key.
    func double(_ key: String) throws -> Double { try #require(self[key]?.double, "\(text())") }

    /// The integer at a key.
    func int(_ key: String) throws -> Int { try #require(self[key]?.int, "\(text())") }

    /// The text at a key.
    func string(_ key: String) throws -> String { try #require(self[key]?.string, "\(text())") }

    /// The keys, if this is an object.
    var keys: [String] { object?.pairs.map(\.key) ?? [] }

    /// Expects keys to be present, perhaps among others.
    func has(_ keys: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for key in keys {
            #expect(self[key] != nil, "\(key): \(text())", sourceLocation: sourceLocation)
        }
    }
}

/// Expects two lists of numbers to agree; reports the first that does not.
func expectClose(
    _ found: [Double], _ expected: [Double], within tolerance: Double = 1e-4, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, "\(what)", sourceLocation: sourceLocation)
    for (index, (a, b)) in zip(found, expected).enumerated() where !(abs(a - b) <= tolerance) {
        Issue.record(
            "\(what), element \(index): \(a), expected \(b) within \(tolerance)",
            sourceLocation: sourceLocation)
        return
    }
}

/// Expects two numbers to agree.
func expectClose(
    _ found: Double, _ expected: Double, within tolerance: Double = 1e-4, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose([found], [expected], within: tolerance, what, sourceLocation: sourceLocation)
}

/// Golden files.
enum Golden {
    /// A JSON file of `fixtures/`, with `snake_case` keys as `camelCase`.
    static func read<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            type, from: Data(contentsOf: URL(fileURLWithPath: TestFiles.fixture(path))))
    }

    /// The lines of a JSON Lines file.
    static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// The objects of a JSON Lines file.
    static func objects(_ path: String) throws -> [JSONValue] {
        try lines(path).map { try JSONValue.parse(ByteView(Array($0.utf8)), file: path) }
    }
}
