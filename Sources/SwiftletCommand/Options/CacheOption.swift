import ArgumentParser
import SwiftletCompute

/// `--cache`.
struct CacheOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Storage of keys and values of past tokens: f32, or bf16 in half the memory.",
            valueName: "dtype"))
    var cache = CachedHeads.Storage.f32
}

extension CachedHeads.Storage: ExpressibleByArgument {
    /// The storage with a name on the command line.
    public init?(argument: String) {
        guard let storage = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = storage
    }

    /// The names in help and errors.
    public static var allValueStrings: [String] { allCases.map { "\($0)" } }

    /// The name in help.
    public var defaultValueDescription: String { "\(self)" }
}
