import SwiftletCheckpoint
import SwiftletCompute

/// A linear layer as PEFT sees it: a module of transformers' class, by its name there.
struct AdaptableModule {
    /// The canonical name of the layer, such as `layers.0.attention.query`.
    let name: String
    /// The name in the model's class, such as `model.layers.0.self_attn.q_proj`.
    let module: String
    let outSize: Int
    let inSize: Int
    /// Whether it computes logits.
    let isHead: Bool
    /// Whether its weight is in×out.
    let fansInOut: Bool

    /// The shape of its weight in a checkpoint.
    var shape: [Int] { fansInOut ? [inSize, outSize] : [outSize, inSize] }

    /// The linear layers of a model, in the order of the decoder.
    static func all(of model: LanguageModel) -> [AdaptableModule] {
        var modules: [String: String] = [:]
        for item in model.resolved.modelTensors {
            modules[item.canonical] = model.resolved.moduleName(of: item)
        }
        var result: [AdaptableModule] = []
        _ = model.decoder.weights.mapLinear { layer in
            let isHead = layer.name == "head" || layer.name == "classifier"
            // A tied head has no tensor of its own; its module is the language-model head's.
            let tensor = modules["\(layer.name).weight"] ?? (isHead ? "lm_head.weight" : nil)
            if let tensor, tensor.hasSuffix(".weight") {
                result.append(
                    AdaptableModule(
                        name: layer.name, module: String(tensor.dropLast(7)),
                        outSize: layer.weight.outSize, inSize: layer.weight.inSize,
                        isHead: isHead, fansInOut: layer.weight.order == .inOut))
            }
            return layer
        }
        return result
    }

    /// The different last parts of the names of a model's modules, separated by commas.
    static func names(of model: LanguageModel) -> String {
        var names: [String] = []
        for module in all(of: model) {
            let name = module.module.split(separator: ".").last.map(String.init) ?? module.module
            if !names.contains(name) { names.append(name) }
        }
        return names.joined(separator: ", ")
    }
}
