import Foundation
import SwiftletBytes
import Testing

/// Files of golden values.
public enum GoldenFile {
    /// A JSON file of `fixtures/`.
    public static func json(_ path: String) throws -> JSONValue {
        try JSONValue.read(path: TestFiles.fixture(path))
    }

    /// A JSON file of `fixtures/` as a type whose properties are its keys in camel case.
    public static func read<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            type, from: Data(contentsOf: URL(fileURLWithPath: TestFiles.fixture(path))))
    }

    /// The lines of a JSON Lines file, given by its whole path.
    public static func lines(_ path: String) throws -> [String] {
        try TestFiles.bytes(path).split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The objects of a JSON Lines file, given by its whole path.
    public static func objects(_ path: String) throws -> [JSONValue] {
        try lines(path).map { try JSONValue.parse(ByteView(Array($0.utf8)), file: path) }
    }
}

/// Values that a test requires to be there.
extension JSONValue {
    /// The elements at a key, or of this array.
    public func elements(_ key: String? = nil) throws -> [JSONValue] {
        try #require((key.map { self[$0] } ?? self)?.array, "\(excerpt)")
    }

    /// The token ids or labels at a key, or of this array.
    public func tokens(_ key: String? = nil) throws -> [Int32] {
        try elements(key).map { Int32(try #require($0.int, "\(excerpt)")) }
    }

    /// The numbers at a key, or of this array.
    public func doubles(_ key: String? = nil) throws -> [Double] {
        try elements(key).map { try #require($0.double, "\(excerpt)") }
    }

    /// The integers at a key, or of this array.
    public func ints(_ key: String? = nil) throws -> [Int] {
        try elements(key).map { try #require($0.int, "\(excerpt)") }
    }

    /// The strings at a key, or of this array.
    public func strings(_ key: String? = nil) throws -> [String] {
        try elements(key).map { try #require($0.string, "\(excerpt)") }
    }

    /// The number at a key.
    public func double(_ key: String) throws -> Double {
        try #require(self[key]?.double, "\(key): \(excerpt)")
    }

    /// The integer at a key.
    public func int(_ key: String) throws -> Int {
        try #require(self[key]?.int, "\(key): \(excerpt)")
    }

    /// The string at a key.
    public func string(_ key: String) throws -> String {
        try #require(self[key]?.string, "\(key): \(excerpt)")
    }
}
