import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Fold a low-rank adapter into a checkpoint.",
        discussion: """
            ADAPTER is a LoRA adapter in PEFT's layout (adapter_config.json, \
            adapter_model.safetensors), such as finetune --method lora writes. OUT becomes a model \
            in Hub layout. A head that is tied to the embedding and adapted becomes a tensor of its \
            own.

            EXAMPLE
              swiftlet finetune gpt2 --data train.jsonl --out adapter --method lora
              swiftlet merge gpt2 adapter merged
            """)

    @Argument(help: "A model folder.")
    var model: String

    @Argument(help: "Folder of the adapter.")
    var adapter: String

    @Argument(help: "Folder of the result.")
    var out: String

    @Option(help: "Dtype of the result (default: the model's).")
    var dtype: DTypeOption?

    @Option(
        help: ArgumentHelp(
            "Split the weights into files of at most this size.", valueName: "size"))
    var maxShardSize = "5GB"

    @Flag(help: "Replace a checkpoint at OUT.")
    var force = false

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        let model = try LanguageModel(model)
        model.notes.forEach(quiet.note)
        let merge = try AdapterMerge(model, adapter: adapter, context: try threads.context())
        let summary = try merge.write(
            to: out, dtype: dtype?.dtype, maxShardSize: try ShardSize(maxShardSize), force: force)
        CarriedFiles.notes(in: model.path).forEach(quiet.note)
        if summary.untiedHead {
            quiet.note("the adapted head was tied to the embedding and is now a tensor of its own")
        }
        if summary.overflows > 0 {
            quiet.note("\(summary.overflows) values are too large for f16 and became infinite")
        }
        if json.json {
            StandardOutput.shared.line(["merged": JSONValue(summary.merged)])
        } else {
            StandardOutput.shared.line("\(out): \(summary.merged) layers merged")
        }
    }
}
