import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two checkpoints tensor by tensor.",
        discussion: """
            Tensors are matched by their role in the family, whatever prefix and dtype the files use. \
            Elements are equal if |a - b| <= atol + rtol |b|. The exit status is 0 if the checkpoints are \
            equal and 1 if they are not.

            EXAMPLE
              swiftlet diff gpt2 gpt2-bf16 --rtol 0.004
            """)

    @Argument(help: "A model folder or a file.")
    var a: String

    @Argument(help: "Another model folder or file.")
    var b: String

    @Option(help: ArgumentHelp("Absolute tolerance.", valueName: "number"))
    var atol = 0.0

    @Option(help: ArgumentHelp("Tolerance relative to B's elements.", valueName: "number"))
    var rtol = 0.0

    @OptionGroup var prefix: PrefixOption
    @OptionGroup var hdf5: HDF5Option
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        // Negated so that NaN is refused too.
        if !(atol >= 0 && rtol >= 0) {
            throw ValidationError("--atol and --rtol must not be negative")
        }
    }

    func run() throws {
        let comparison = try CheckpointComparison.compare(
            try checkpoint(a), try checkpoint(b), atol: atol, rtol: rtol)
        if json.json {
            StandardOutput.shared.line(Self.object(comparison))
        } else {
            printTable(comparison)
        }
        if !comparison.isEqual { throw ExitCode(SwiftletError.Kind.comparison.rawValue) }
    }

    private func checkpoint(_ path: String) throws(SwiftletError) -> Checkpoint {
        try Checkpoint(
            path: try ModelLocator.resolve(path), hdf5: hdf5.reading,
            strippingPrefix: prefix.stripPrefix)
    }

    private static func object(_ comparison: CheckpointComparison) -> JSONObject {
        [
            "equal": .bool(comparison.isEqual), "compared": JSONValue(comparison.compared),
            "only_in_a": JSONValue(comparison.onlyInA), "only_in_b": JSONValue(comparison.onlyInB),
            "differing": .array(
                comparison.differing.map {
                    var object: JSONObject = [
                        "name": .string($0.name), "max_abs": JSONValue(finite: $0.maxAbs),
                        "max_rel": JSONValue(finite: $0.maxRel),
                    ]
                    if let reason = $0.reason { object.append("reason", .string(reason)) }
                    return .object(object)
                }),
        ]
    }

    private func printTable(_ comparison: CheckpointComparison) {
        for name in comparison.onlyInA {
            StandardOutput.shared.line("only in \(a): \(name.printable)")
        }
        for name in comparison.onlyInB {
            StandardOutput.shared.line("only in \(b): \(name.printable)")
        }
        for item in comparison.differing {
            let numbers = [
                item.maxAbs.map { "largest difference \($0)" },
                item.maxRel.map { "relative \($0)" }, item.reason,
            ]
            StandardOutput.shared.line(
                "\(item.name.printable): \(numbers.compactMap { $0 }.joined(separator: ", "))")
        }
        StandardOutput.shared.line(
            comparison.isEqual
                ? "equal: \(comparison.compared) tensors"
                : "\(comparison.differing.count) of \(comparison.compared) tensors differ")
    }
}
