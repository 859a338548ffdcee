import SwiftletBytes
import SwiftletTuning

extension RunConfiguration {
    /// The configuration with every default, as the run's record has it: the keys of the YAML file,
    /// and paths as they are used.
    public var json: JSONObject {
        var object: JSONObject = [
            "version": JSONValue(1), "name": .string(name), "task": .string(task.rawValue),
        ]
        if task == .slurp { object.append("prompt", .string(prompt.rawValue)) }
        object.append("data", .object(dataObject))
        object.append("seeds", .array(seeds.map { .number(JSONNumber(Int($0))) }))
        object.append("precision", .string(precision == .bf16 ? "bf16" : "f32"))
        let models = weak.map { model -> JSONValue in
            .object([
                "name": .string(model.name), "model": .string(model.model),
                "weight": JSONValue(finite: model.weight),
                "training": .object(model.training.json),
            ])
        }
        object.append(
            "weak", .object(["fine_tune": .bool(fineTunesWeak), "models": .array(models)]))
        object.append(
            "strong",
            .object([
                "name": .string(strong.name), "model": .string(strong.model),
                "ceiling": .bool(strong.hasCeiling),
                "training": .object(strong.training.json),
            ]))
        object.append(
            "labels",
            .object(
                task.hasClasses
                    ? ["form": .string(labels.form.rawValue)] : labels.search.json))
        object.append("students", .object(studentsObject))
        object.append("preference", preference.map { .object($0.json) } ?? .null)
        object.append("evaluation", .object(task.hasClasses ? [:] : evaluation.json))
        object.append("significance", .object(["samples": JSONValue(bootstrapSamples)]))
        object.append("report", .bool(writesReport))
        return object
    }

    private var dataObject: JSONObject {
        var object = JSONObject()
        switch data.source {
        case .split(let train, let weak, let strong):
            object.append("train", .string(train))
            object.append(
                "split", .object(["weak": JSONValue(weak), "strong": JSONValue(strong)]))
        case .files(let weak, let strong):
            object.append("weak", .string(weak))
            object.append("strong", .string(strong))
        }
        object.append("test", .string(data.test))
        object.append("validation", data.validation.map { .string($0) } ?? .null)
        object.append("test_limit", data.testLimit.map { JSONValue($0) } ?? .null)
        object.append("validation_limit", data.validationLimit.map { JSONValue($0) } ?? .null)
        if task == .sciq { object.append("labels", .string(data.labels.rawValue)) }
        return object
    }

    private var studentsObject: JSONObject {
        var object: JSONObject = [
            "methods": JSONValue(students.methods.map(\.rawValue)),
            "aux": .array(students.auxiliary.map { .bool($0) }),
            "confidence": JSONValue(students.confidence.map(\.rawValue)),
        ]
        for pair in students.losses.json.pairs { object.append(pair.key, pair.value) }
        object.append("training", .object(students.training.json))
        return object
    }
}

extension StudentSettings {
    /// The settings of the losses by the keys of the YAML file.
    fileprivate var json: JSONObject {
        let clamp: JSONValue =
            switch clamp {
            case .standard: .string("standard")
            case .none: .string("none")
            case .bound(let bound): JSONValue(finite: bound)
            }
        return [
            "aux_gamma": JSONValue(finite: auxiliary), "aux_ramp": JSONValue(finite: auxiliaryRamp),
            "balanced_threshold": .bool(balancedThreshold), "lambda": JSONValue(finite: lambda),
            "anneal_epochs": JSONValue(finite: annealingEpochs),
            "evidence": .string(evidence.rawValue), "clamp": clamp,
            "offset": JSONValue(finite: offset), "joint_score": .string(jointScore.rawValue),
        ]
    }
}

extension RunConfiguration.Answers {
    fileprivate var json: JSONObject {
        [
            "beams": JSONValue(beams), "max_new_tokens": JSONValue(maxNewTokens),
            "length_penalty": JSONValue(finite: lengthPenalty),
        ]
    }
}

extension RunConfiguration.PreferenceTraining {
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "from": .object([
                "method": .string(student.method.name), "aux": .bool(student.hasAuxiliary),
                "confidence": .string(student.confidence.rawValue),
            ]), "beta": JSONValue(finite: beta), "epsilon": JSONValue(finite: epsilon),
        ]
        for pair in search.json.pairs { object.append(pair.key, pair.value) }
        object.append("score", .string(score.rawValue))
        object.append("training", .object(training.json))
        return object
    }
}

extension TrainingSettings {
    /// The settings by the keys of the YAML file.
    fileprivate var json: JSONObject {
        var object: JSONObject = ["method": .string(method.rawValue)]
        if method == .lora {
            object.append("rank", JSONValue(rank))
            object.append("alpha", JSONValue(finite: alpha))
        }
        switch length {
        case .epochs(let count): object.append("epochs", JSONValue(count))
        case .steps(let count): object.append("steps", JSONValue(count))
        }
        object.append("batch_size", JSONValue(batchSize))
        object.append("micro_batch_size", JSONValue(microBatchSize))
        object.append("lr", JSONValue(finite: learningRate))
        object.append("warmup", JSONValue(warmup))
        object.append("schedule", .string(schedule.rawValue))
        object.append("optimizer", .string(optimizer.rawValue))
        object.append("weight_decay", JSONValue(finite: effectiveWeightDecay))
        object.append("clip", JSONValue(finite: clip))
        object.append("keep", .string((kept ?? .last).rawValue))
        object.append("max_length", maxLength.map { JSONValue($0) } ?? .null)
        object.append("checkpointing", .bool(checkpointing))
        object.append("moments", .string(moments == .bf16 ? "bf16" : "f32"))
        object.append("master", .string(master.rawValue))
        object.append("save_every", JSONValue(saveEvery))
        return object
    }
}
