import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Convert a checkpoint to another dtype or format.",
        discussion: """
            Writes the tensors and names that transformers' save_pretrained writes: mask buffers and \
            copies of a tied head are dropped. Configuration and tokenizer files are copied. DST appears \
            as a whole or not at all. If DST ends in .safetensors or .h5, it gets the weights alone. \
            HDF5 files are tf_model.h5 as written by transformers for GPT-2 and OPT, and arrays by name \
            for other families. If DST ends in .gguf, it gets weights, configuration and tokenizer as \
            llama.cpp reads them; a folder made of a GGUF file has all files that transformers reads. \
            Weights are converted even if the file's tokenizer cannot be: a note says so, and "tokenizer" \
            in the JSON is false.

            EXAMPLE
              swiftlet convert gpt2 gpt2-bf16 --dtype bf16
              swiftlet convert old.safetensors new.safetensors --force
              swiftlet convert gpt2 gpt2-tf --to hdf5
              swiftlet convert gpt2 gpt2.gguf --dtype q8_0
              swiftlet convert model.gguf model
            """)

    @Argument(help: "A model folder or a file.")
    var source: String

    @Argument(help: "The folder or file to create.")
    var destination: String

    @Option(help: "Format to write (default: by DST's ending, else safetensors).")
    var to: TargetFormat?

    @Option(help: "Precision of the tensors; q8_0 in GGUF files only.")
    var dtype = TargetPrecision.keep

    @Option(
        help: ArgumentHelp(
            "Maximum size of a weight file (default: a single file).",
            valueName: "5GB"))
    var maxShardSize: String?

    @Flag(help: "Replace DST if it is a file or holds nothing but a checkpoint.")
    var force = false

    @OptionGroup var prefix: PrefixOption
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
            }, force: force, hdf5: hdf5.reading, strippingPrefix: prefix.stripPrefix
        ) { bar.update($0) }
        bar.finish()
        summary.notes.forEach(quiet.note)
        if json.json {
            StandardOutput.shared.line([
                "tensors": JSONValue(summary.tensors), "bytes_in": JSONValue(summary.bytesIn),
                "bytes_out": JSONValue(summary.bytesOut),
                "seconds": JSONValue(finite: summary.seconds),
                "overflowed": JSONValue(summary.overflowed),
                "tokenizer": summary.hasTokenizer.map { .bool($0) } ?? .null,
                "notes": JSONValue(summary.notes),
            ])
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
