import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what is in a checkpoint.",
        discussion: """
            Reads headers only, unless --stats asks for the data. A model folder is also compared with \
            its config.json, a GGUF file with its metadata: if tensors are missing, unexpected or misshapen, \
            the exit status is 65. A GGUF file of a model that no command runs is shown as it is.

            EXAMPLE
              swiftlet inspect gpt2
              swiftlet inspect model.safetensors --stats --json
            """)

    @Argument(help: "A model folder or a file.")
    var path: String

    @Flag(help: "Read the data: minimum, maximum, mean, number of NaNs.")
    var stats = false

    @OptionGroup var prefix: PrefixOption
    @OptionGroup var hdf5: HDF5Option
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        let inspection = try CheckpointInspection(
            path: try ModelLocator.resolve(path), statistics: stats, hdf5: hdf5.reading,
            strippingPrefix: prefix.stripPrefix)
        if json.json {
            StandardOutput.shared.line(Self.object(inspection))
        } else {
            StandardOutput.shared.write(InspectionText(inspection: inspection).text)
        }
        // What does not fit has been printed; the exit status and an error line report it too.
        try inspection.resolved?.validate()
    }

    private static func object(_ inspection: CheckpointInspection) -> JSONObject {
        let (checkpoint, resolved) = (inspection.checkpoint, inspection.resolved)
        var metadata = JSONObject()
        for pair in checkpoint.metadata { metadata.append(pair.key, .string(pair.value)) }
        return [
            "format": .string(checkpoint.format),
            "metadata": .object(metadata),
            "family": checkpoint.family.map { .string($0) } ?? .null,
            "parameters": JSONValue(inspection.parameters),
            "tensors": .array(
                checkpoint.tensors.indices.map { .object(tensor($0, of: inspection)) }),
            "missing": JSONValue(resolved?.missing ?? []),
            "unexpected": JSONValue(resolved?.unexpected ?? []),
            "misshapen": .array(
                (resolved?.misshapen ?? []).map {
                    .object([
                        "name": .string($0.name), "expected": JSONValue($0.expected),
                        "found": JSONValue($0.found),
                    ])
                }),
            "ignored": JSONValue(resolved?.ignored ?? []),
            "notes": JSONValue(inspection.notes),
            "seconds": JSONValue(finite: inspection.seconds),
        ]
    }

    private static func tensor(
        _ position: Int, of inspection: CheckpointInspection
    ) -> JSONObject {
        let tensor = inspection.checkpoint.tensors[position]
        var object: JSONObject = [
            "name": .string(tensor.name), "dtype": .string(tensor.dtype.rawValue),
            "shape": JSONValue(tensor.shape), "bytes": JSONValue(tensor.byteCount),
            "file": .string(FileSystem.name(tensor.file)),
        ]
        if let statistics = inspection.statistics {
            let numbers = statistics[position]
            object.append("min", JSONValue(finite: numbers?.min))
            object.append("max", JSONValue(finite: numbers?.max))
            object.append("mean", JSONValue(finite: numbers?.mean))
            object.append("nan", numbers.map { JSONValue($0.nanCount) } ?? .null)
        }
        return object
    }
}
