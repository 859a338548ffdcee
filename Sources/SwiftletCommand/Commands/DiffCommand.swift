import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two checkpoints tensor by tensor.",
        discussion: """
            Tensors meet by what they are in their family, whatever prefix and dtype the files use. \
            Equal is |a - b| <= atol + rtol |b|. Exit status 0 when equal, 1 when not.

            EXAMPLE
              swiftlet diff gpt2 gpt2-bf16 --rtol 0.004
            """)

    @Argument(help: "A model folder or a file.")
    var a: String

    @Argument(help: "Another one.")
    var b: String

    @Option(help: ArgumentHelp("Absolute tolerance.", valueName: "number"))
    var atol = 0.0

    @Option(help: ArgumentHelp("Tolerance relative to B's value.", valueName: "number"))
    var rtol = 0.0

    @OptionGroup var hdf5: HDF5Option
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        // Written so that NaN is refused too.
        if !(atol >= 0 && rtol >= 0) {
            throw ValidationError("--atol and --rtol must not be negative")
        }
    }

    func run() throws {
        let comparison = try CheckpointComparison.compare(
            try Checkpoint(path: try ModelLocator.resolve(a), hdf5: hdf5.reading),
            try Checkpoint(path: try ModelLocator.resolve(b), hdf5: hdf5.reading), atol: atol,
            rtol: rtol)
        if json.json {
            StandardOutput.shared.line(comparison.json.text())
        } else {
            printTable(comparison)
        }
        if !comparison.isEqual { throw ExitCode(SwiftletError.Kind.comparison.rawValue) }
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
