import SwiftletBytes
import SwiftletLM
import SwiftletSafetensors

/// The parameters of a run with the best evaluation so far, in its output folder.
///
/// Like a state it is a folder in the form of the result, in f32, and it is replaced as a whole.
/// A run that is resumed from an older state makes the same evaluations again, and so replaces it
/// by the same parameters.
struct BestState {
    static let name = "best"
    static let file = "training_best.json"
    private static let version = 1

    /// The folder that holds it.
    let output: String
    /// The form of the parameters.
    let form: any TrainedOutput

    private var path: String { FileSystem.join(output, Self.name) }

    /// Replaces the parameters.
    ///
    /// - Throws: cannot create (73) or I/O (74); the older ones are kept.
    func save(_ best: BestEvaluation, _ parameters: ParameterSet) throws(SwiftletError) {
        try AtomicFolder.write(path, replacing: true) { (folder) throws(SwiftletError) in
            try form.write(parameters, dtype: .f32, shardSize: nil, into: folder.temporary)
            let object: JSONObject = [
                "version": JSONValue(Self.version), "step": JSONValue(best.step),
                "metric": .string(best.metric.rawValue), "value": JSONValue(finite: best.value),
            ]
            try AtomicFile.write(
                [UInt8]((JSONValue.object(object).text(pretty: true) + "\n").utf8),
                to: folder.file(Self.file))
        }
    }

    /// Reads the parameters of an evaluation.
    ///
    /// - Throws: bad data (65) if they are damaged or another evaluation's; no input (66).
    func load(_ best: BestEvaluation, into parameters: ParameterSet) throws(SwiftletError) {
        let file = FileSystem.join(path, Self.file)
        let object = try JSONValue.read(path: file)
        guard object["version"]?.int == Self.version, object["step"]?.int == best.step else {
            throw SwiftletError(
                .trainingState, file: file,
                "is not the best state, after step \(best.step), in a known version")
        }
        let weights = try SafetensorsFile(path: FileSystem.join(path, form.weightsFile))
        for parameter in parameters.parameters {
            try TrainingState.load(
                parameter.checkpointName, .f32, from: weights, parameter, into: parameter.storage)
        }
    }
}
