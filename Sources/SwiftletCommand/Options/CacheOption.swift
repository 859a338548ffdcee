import ArgumentParser
import SwiftletCompute

/// `--cache`.
struct CacheOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How keys and values of past tokens are kept: f32, or bf16 in half the memory.",
            valueName: "dtype"))
    var cache = CachedHeads.Storage.f32
}

extension CachedHeads.Storage: ExpressibleByArgument {
    /// The storage with a name of the command line.
    public init?(argument: String) {
        guard let storage = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = storage
    }

    /// The names, for help and errors.
    public static var allValueStrings: [String] { allCases.map { "\($0)" } }

    /// The name in help.
    public var defaultValueDescription: String { "\(self)" }
}
