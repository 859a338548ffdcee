import SwiftletCheckpoint
import SwiftletCompute

/// A linear layer as PEFT sees it: a module of transformers' class, by its name there.
struct AdaptableModule {
    /// The canonical name of the layer, such as `layers.0.attention.query`.
    let name: String
    /// The name in the model's class, such as `model.layers.0.self_attn.q_proj`.
    let module: String
    /// Another name of it, in checkpoints and in older versions of the class: GPT-NeoX's head is
    /// `embed_out`.
    let otherName: String?
    let outSize: Int
    let inSize: Int
    /// Whether it computes logits.
    let isHead: Bool
    /// Whether its weight is in×out.
    let fansInOut: Bool

    /// Its names, that of the class first.
    var names: [String] { [module] + (otherName.map { [$0] } ?? []) }

    /// The shape of its weight in a checkpoint.
    var shape: [Int] { fansInOut ? [inSize, outSize] : [outSize, inSize] }

    /// The linear layers of a model, in the order of the decoder.
    static func all(of model: LanguageModel) -> [AdaptableModule] {
        var modules: [String: (name: String, stored: String)] = [:]
        for item in model.resolved.modelTensors {
            modules[item.canonical] = (model.resolved.moduleName(of: item), item.tensor.name)
        }
        // A tied head has no tensor of its own; its module is the language-model head's.
        let tied = ("lm_head.weight", model.resolved.languageHeadName ?? "lm_head.weight")
        var result: [AdaptableModule] = []
        _ = model.decoder.weights.mapLinear { layer in
            let isHead = layer.name == "head" || layer.name == "classifier"
            let tensor = modules["\(layer.name).weight"] ?? (isHead ? tied : nil)
            if let (name, stored) = tensor, name.hasSuffix(".weight") {
                result.append(
                    AdaptableModule(
                        name: layer.name, module: String(name.dropLast(7)),
                        otherName: isHead && stored != name ? String(stored.dropLast(7)) : nil,
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
