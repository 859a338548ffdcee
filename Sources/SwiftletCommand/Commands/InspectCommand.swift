import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what is in a checkpoint.",
        discussion: """
            Reads headers only, unless --stats asks for the data. A model folder is also held \
            against its config.json: tensors that are missing, unexpected or misshapen end it with \
            status 65.

            EXAMPLE
              swiftlet inspect gpt2
              swiftlet inspect model.safetensors --stats --json
            """)

    @Argument(help: "A model folder or a file.")
    var path: String

    @Flag(help: "Read the data: smallest, largest and mean value, count of NaN.")
    var stats = false

    @OptionGroup var hdf5: HDF5Option
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        let inspection = try CheckpointInspection(
            path: try ModelLocator.resolve(path), statistics: stats, hdf5: hdf5.reading)
        if json.json {
            StandardOutput.shared.line(inspection.json.text())
        } else {
            StandardOutput.shared.write(inspection.text)
        }
        // What does not fit has been printed; the status and one line say so.
        try inspection.resolved?.validate()
    }
}
