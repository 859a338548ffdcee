import SwiftletBytes

extension AdapterConfiguration {
    /// The content of `adapter_config.json` for an adapter of a model, with the targets by name.
    package func json(for model: LanguageModel, taskType: String) -> JSONValue {
        var named = completed(for: model)
        let all = AdaptableModule.all(of: model)
        let modules = all.filter(named.adapts)
        named.savedModules = named.savedModules.map { name in
            all.first { $0.otherName == name }?.module ?? name
        }
        named.targets = .named(modules.map(\.module))
        (named.exclusions, named.layers, named.layerLists) = (nil, nil, [])
        return named.json(
            taskType: taskType, base: model.path,
            fansInOut: modules.contains(where: \.fansInOut))
    }

    /// The content of `adapter_config.json`.
    ///
    /// - Parameters:
    ///   - taskType: PEFT's name of the task: `CAUSAL_LM` or `SEQ_CLS`.
    ///   - base: the model that the adapter was trained on.
    ///   - fansInOut: whether the adapted weights are in×out (GPT-2's Conv1D).
    /// - Returns: a JSON object.
    package func json(taskType: String, base: String, fansInOut: Bool) -> JSONValue {
        var ranks = JSONObject()
        for pair in rankPattern { ranks.append(pair.pattern, JSONValue(pair.rank)) }
        var alphas = JSONObject()
        for pair in alphaPattern { alphas.append(pair.pattern, JSONValue(finite: pair.alpha)) }
        let whole = Int(exactly: alpha)
        return .object([
            "alpha_pattern": .object(alphas),
            "base_model_name_or_path": .string(base),
            "bias": .string("none"),
            "exclude_modules": exclusions?.json ?? .null,
            "fan_in_fan_out": .bool(fansInOut),
            "inference_mode": .bool(true),
            "init_lora_weights": .bool(true),
            "layers_pattern": layerLists.isEmpty
                ? .null : .array(layerLists.map { .string($0) }),
            "layers_to_transform": layers.map { .array($0.map { JSONValue($0) }) } ?? .null,
            "lora_alpha": whole.map { JSONValue($0) } ?? JSONValue(finite: alpha),
            "lora_dropout": JSONValue(finite: 0.0),
            "modules_to_save": savedModules.isEmpty
                ? .null : .array(savedModules.map { .string($0) }),
            "peft_type": .string("LORA"),
            "r": JSONValue(rank),
            "rank_pattern": .object(ranks),
            "target_modules": targets.json,
            "task_type": .string(taskType),
            "use_dora": .bool(false),
            "use_rslora": .bool(usesRankStabilization),
        ])
    }
}
