import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM
import SwiftletSafetensors

/// Writes trained low-rank adapters in PEFT's layout.
struct AdapterOutput: TrainedOutput {
    /// The model that is adapted.
    let source: LanguageModel
    let configuration: AdapterConfiguration
    /// PEFT's name of the task.
    let taskType: String

    let weightsFile = AdapterFolder.weightsFile

    // An adapter is one file, whatever its size: PEFT reads no shards.
    func write(
        _ parameters: ParameterSet, dtype: DType, shardSize: ShardSize?, into folder: String
    ) throws(SwiftletError) -> Int {
        let json = configuration.json(for: source, taskType: taskType)
        try AtomicFile.write(
            [UInt8]((json.text(pretty: true) + "\n").utf8),
            to: FileSystem.join(folder, AdapterConfiguration.file))
        // The base has neither the head nor its labels.
        if source.hasFreshHead {
            let text = JSONValue.object(source.configuration.object).text(pretty: true) + "\n"
            try AtomicFile.write(
                [UInt8](text.utf8), to: FileSystem.join(folder, AdapterFolder.modelConfiguration))
        }
        let tensors = parameters.parameters
        let order = SafetensorsWriter.fileOrder(
            tensors.map { ($0.checkpointName, dtype, $0.shape) })
        let byName = Dictionary(uniqueKeysWithValues: tensors.map { ($0.checkpointName, $0) })
        let writer = try SafetensorsWriter(
            path: FileSystem.join(folder, weightsFile), tensors: order,
            metadata: [("format", "pt")])
        var overflows = 0
        for declaration in order {
            guard let parameter = byName[declaration.name] else { continue }
            overflows += try writer.write(parameter.storage, as: dtype)
        }
        try writer.commit()
        return overflows
    }
}
