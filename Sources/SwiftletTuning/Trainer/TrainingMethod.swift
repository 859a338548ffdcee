import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Which tensors of a model are trained, and in what form they are saved.
public enum TrainingMethod: Sendable, Equatable {
    /// Every tensor; the result is a model.
    case full
    /// The head alone; the result is a model.
    case head
    /// Low-rank adapters (LoRA); the result is an adapter in PEFT's layout.
    ///
    /// - Parameter startingFrom: the folder of an adapter to continue from; nil for a fresh one.
    case lowRank(AdapterConfiguration, startingFrom: String? = nil)

    /// The settings that the result depends on, as names and values of the run's record; none for
    /// full training, as in records of earlier versions.
    ///
    /// - Throws: the errors of reading an adapter to start from.
    func identity() throws(SwiftletError) -> JSONObject {
        switch self {
        case .full: return [:]
        case .head: return ["method": .string("head")]
        case .lowRank(let configuration, let start):
            var identity: JSONObject = [
                "method": .string("lora"),
                "adapter": configuration.json(taskType: "", base: "", fansInOut: false),
            ]
            if let start {
                identity.append("adapter-start", .string(try Fingerprint.of(AdapterFolder(start))))
            }
            return identity
        }
    }

    /// Makes the tensors to train.
    ///
    /// - Parameters:
    ///   - model: the model to start from.
    ///   - seed: the seed of fresh tensors.
    ///   - form: how trained matrices of the model are kept; adapters are in single precision.
    /// - Returns: the tensors.
    /// - Throws: the errors of `ParameterSet`.
    func makeParameters(
        _ model: LanguageModel, seed: UInt64, matrices form: StateMatrix.Form = .single
    ) throws(SwiftletError) -> ParameterSet {
        switch self {
        case .full: return try ParameterSet(model, matrices: form)
        case .head: return try ParameterSet(model, training: .head, matrices: form)
        case .lowRank(let configuration, let start):
            var folder: AdapterFolder?
            if let start { folder = try AdapterFolder(start) }
            return try ParameterSet(
                model, adapters: configuration, startingFrom: folder, seed: seed)
        }
    }

    /// The size of the tensors to train.
    func trainedSize(_ model: LanguageModel) -> TrainedSize {
        switch self {
        case .full: model.trainedSize(.all)
        case .head: model.trainedSize(.head)
        case .lowRank(let configuration, _): model.trainedSize(adapters: configuration)
        }
    }

    /// How trained matrices are kept, where those of a model are kept in `form`.
    func matrices(_ form: StateMatrix.Form) -> StateMatrix.Form {
        if case .lowRank = self { .single } else { form }
    }

    /// The form in which trained tensors are saved.
    func makeOutput(_ model: LanguageModel, _ objective: any TrainingObjective)
        -> any TrainedOutput
    {
        switch self {
        case .full, .head: ModelFolder(source: model)
        case .lowRank(let configuration, _):
            AdapterOutput(
                source: model, configuration: configuration, taskType: objective.adapterTaskType)
        }
    }
}
