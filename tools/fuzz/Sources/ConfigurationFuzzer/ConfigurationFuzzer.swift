import FuzzSupport
import SwiftletBytes
import SwiftletCheckpoint

// A configuration that is accepted has sizes from 1, a number of parameters, and names that know
// it; a second reading gives the same.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The families' name maps are read for each configuration; they are a few hundred KB.
    examine(start, count, allowance: 8 << 20 + 256 * count) { input in
        guard let configuration = read(input) else { return .examined }
        for (name, size) in configuration.dimensions {
            require(size > 0, "\(name) is \(size)")
            require(
                (try? configuration.dimension(name)) == size, "\(name) is not found by its name")
        }
        require(configuration.parameterCount > 0, "no parameters")
        require(
            configuration.initializerRange >= 0 && configuration.initializerRange.isFinite,
            "a deviation of \(configuration.initializerRange)")
        if let row = configuration.paddingRow {
            require(
                (0..<(configuration.dimensions["vocabularySize"] ?? 0)).contains(row),
                "padding at row \(row)")
        }
        for key in configuration.unknownKeys {
            require(configuration.object[key] != nil, "the unknown key \(key) is not there")
        }
        guard let again = read(input) else { fatalError("the second reading is refused") }
        require(
            configuration.dimensions == again.dimensions && configuration.flags == again.flags
                && configuration.parameterCount == again.parameterCount,
            "the second reading differs")
        return .examined
    }
}

private func read(_ input: ByteView) -> ModelConfiguration? {
    verdict(["json.", "text.", "configuration."]) { () throws(SwiftletError) in
        guard let object = try JSONValue.parse(input).object else { return nil }
        return try ModelConfiguration(object: object, path: "config.json")
    } ?? nil
}
