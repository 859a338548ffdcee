import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// `--quiet`.
struct QuietOption: ParsableArguments {
    @Flag(help: "No notes and no progress on stderr.")
    var quiet = false

    /// Tells a person something that is no error.
    func note(_ text: String) {
        if !quiet { StandardError.line("note: \(text.printable)") }
    }
}

/// `--json`.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print the result as one JSON object.")
    var json = false
}

/// `--jsonl`, `--json` and `--input`.
struct LinesOptions: ParsableArguments {
    @Flag(help: "Read a JSON object a line and print one a line, in the same order.")
    var jsonl = false

    @Flag(help: "Print the result as one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("Read from a file instead of stdin.", valueName: "file"))
    var input: String?

    func validate() throws {
        if json && jsonl { throw ValidationError("--json and --jsonl exclude each other") }
    }

    /// Refuses an `--input` that a command reads only as lines.
    func validateInputIsLines() throws {
        if input != nil, !jsonl { throw ValidationError("--input needs --jsonl") }
    }
}

/// `--threads`.
struct ThreadsOption: ParsableArguments {
    @Option(help: ArgumentHelp("Threads (default: all cores).", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads, !Self.allowed.contains(threads) {
            throw ValidationError(
                "--threads must be from \(Self.allowed.lowerBound) to \(Self.allowed.upperBound)")
        }
    }

    /// More would start slowly and gain nothing.
    private static let allowed = 1...1024

    /// The threads to compute on, once the products are known to be right.
    func context(precision: Precision = .f32) throws(SwiftletError) -> ComputeContext {
        let context = ComputeContext(
            threadCount: threads ?? ThreadPool.processorCount, precision: precision)
        try context.reserveProductMemory()
        try ComputeContext.checkProducts()
        return context
    }
}

/// The dtypes of the command line.
enum DTypeOption: String, ExpressibleByArgument, CaseIterable {
    case f32, f16, bf16

    var dtype: DType {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        }
    }
}

/// Reads HDF5 with the C library.
struct HDF5Option: ParsableArguments {
    @Flag(
        name: .customLong("via-libhdf5"),
        help: "Read HDF5 with the C library, in files that you trust.")
    var viaLibrary = false

    var reading: HDF5Reading { viaLibrary ? .library : .own }
}
