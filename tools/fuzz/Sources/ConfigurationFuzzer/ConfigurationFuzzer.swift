import FuzzSupport
import SwiftletBytes
import SwiftletCheckpoint

// An accepted configuration has sizes of at least 1, a parameter count and known names, and reading
// it again gives the same.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The name maps of all families, a few hundred kilobytes, are read for each configuration.
    examine(start, count, allowance: 8 << 20 + 256 * count) { input in
        guard let configuration = read(input) else { return .examined }
        for (name, size) in configuration.dimensions {
            require(size > 0, "\(name) is \(size)")
            require(
                (try? configuration.dimension(name)) == size, "\(name) cannot be looked up")
        }
        require(configuration.parameterCount > 0, "no parameters")
        require(
            configuration.initializerRange >= 0 && configuration.initializerRange.isFinite,
            "the initializer range is \(configuration.initializerRange)")
        if let row = configuration.paddingRow {
            require(
                (0..<(configuration.dimensions["vocabularySize"] ?? 0)).contains(row),
                "the padding row is \(row)")
        }
        for key in configuration.unknownKeys {
            require(configuration.object[key] != nil, "the unknown key \(key) does not exist")
        }
        guard let again = read(input) else { fatalError("reading again is refused") }
        require(
            configuration.dimensions == again.dimensions && configuration.flags == again.flags
                && configuration.parameterCount == again.parameterCount,
            "reading again gives another configuration")
        return .examined
    }
}

private func read(_ input: ByteView) -> ModelConfiguration? {
    verdict(["json.", "text.", "configuration."]) { () throws(SwiftletError) in
        guard let object = try JSONValue.parse(input).object else { return nil }
        return try ModelConfiguration(object: object, path: "config.json")
    } ?? nil
}
