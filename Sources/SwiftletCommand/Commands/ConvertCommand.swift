import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write a checkpoint anew, in another dtype or form.",
        discussion: """
            Names and tensors are those that transformers' save_pretrained writes; mask buffers and \
            repeats of a tied head are dropped. Configuration and tokenizer files come along. DST \
            appears whole or not at all. A DST that ends in .safetensors or .h5 gets the weights alone. \
            HDF5 is tf_model.h5 as transformers writes it for GPT-2 and OPT, else arrays by name.

            EXAMPLE
              swiftlet convert gpt2 gpt2-bf16 --dtype bf16
              swiftlet convert old.safetensors new.safetensors --force
              swiftlet convert gpt2 gpt2-tf --to hdf5
            """)

    @Argument(help: "A model folder or a file.")
    var source: String

    @Argument(help: "The folder or file to make.")
    var destination: String

    @Option(help: "The format to write (default: what DST's ending says, else safetensors).")
    var to: TargetFormat?

    @Option(help: "What floating-point tensors become.")
    var dtype = TargetPrecision.keep

    @Option(
        help: ArgumentHelp(
            "Cut the weights into files of at most this size (default: one file).",
            valueName: "5GB"))
    var maxShardSize: String?

    @Flag(help: "Replace what is at DST.")
    var force = false

    @OptionGroup var hdf5: HDF5Option
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        let bar = BytesProgress("converting", quiet: quiet.quiet)
        let summary = try CheckpointConverter.convert(
            source: try ModelLocator.resolve(source), destination: destination, format: to,
            dtype: dtype,
            maxShardSize: try maxShardSize.map { (text) throws(SwiftletError) in
                try ShardSize(text)
            }, force: force, hdf5: hdf5.reading
        ) { bar.update($0) }
        bar.finish()
        summary.notes.forEach(quiet.note)
        if json.json {
            StandardOutput.shared.line(summary.json.text())
        } else {
            StandardOutput.shared.line(
                "\(destination): \(summary.tensors) tensors, "
                    + "\(ProgressBar.bytes(Double(summary.bytesIn))) in, "
                    + "\(ProgressBar.bytes(Double(summary.bytesOut))) out")
        }
    }
}

extension TargetPrecision: ExpressibleByArgument {}
extension TargetFormat: ExpressibleByArgument {}
