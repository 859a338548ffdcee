import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletTuning

/// What training spends memory on: `--precision`, `--master`, `--moments`, `--checkpointing`.
struct MemoryOptions: ParsableArguments {
    enum Master: String, ExpressibleByArgument, CaseIterable { case f32, none }

    @Option(
        help: ArgumentHelp(
            "f32: everything in single precision; bf16: products round their inputs to bf16, and "
                + "trained matrices have a bf16 working copy.", valueName: "dtype"))
    var precision = PrecisionOption.f32

    @Option(
        help: ArgumentHelp(
            "What updates change with --precision bf16. f32: master weights in single precision; "
                + "none: the bf16 weights themselves, rounded up or down at random.",
            valueName: "dtype"))
    var master = Master.f32

    @Option(
        help: ArgumentHelp(
            "Precision of the optimizer's moments: f32, or bf16 rounded up or down at random.",
            valueName: "dtype"))
    var moments = PrecisionOption.f32

    @Flag(
        help:
            "Keep only the input of each layer and compute activations again in the backward pass: less memory, about a third more time, the same results."
    )
    var checkpointing = false

    @Option(
        help: ArgumentHelp(
            "Refuse to start if more memory is needed, such as 16GB (default: the machine's memory).",
            valueName: "size"))
    var memoryLimit: String?

    func validate() throws {
        if master == .none, precision != .bf16 {
            throw ValidationError("--master none needs --precision bf16")
        }
    }

    func apply(to options: inout FineTuneOptions) throws(SwiftletError) {
        options.memory.master = master == .none ? .none : .f32
        options.memory.moments = moments.precision
        options.memory.checkpointing = checkpointing
        options.memory.limit = try memoryLimit.map { text throws(SwiftletError) in
            do throws(SwiftletError) {
                return try ShardSize(text).bytes
            } catch {
                throw SwiftletError(.usage, "--memory-limit: \(error.reason)")
            }
        }
    }
}
