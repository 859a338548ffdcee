import SwiftletBytes

/// The precision that float tensors get in a conversion.
public enum TargetPrecision: String, Sendable, CaseIterable {
    /// IEEE single precision.
    case f32
    /// IEEE half precision.
    case f16
    /// bfloat16.
    case bf16
    /// Blocks of 32 signed 8-bit integers with a scale, in GGUF files only.
    case q8 = "q8_0"
    /// No change: each tensor keeps its dtype and its bytes; quantized ones become singles in formats
    /// that have no blocks.
    case keep

    /// The dtype; nil for ``keep``.
    public var dtype: DType? {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        case .q8: .q8_0
        case .keep: nil
        }
    }

    /// The name of the dtype in a `config.json`; nil for ``keep`` and ``q8``.
    public var configurationName: String? {
        switch self {
        case .f32: "float32"
        case .f16: "float16"
        case .bf16: "bfloat16"
        case .q8, .keep: nil
        }
    }

    /// The precision that a `config.json` names in `dtype`, or without that key in `torch_dtype`; nil if
    /// it names none of these.
    public init?(configuration object: JSONObject) {
        let name = (object["dtype"] ?? object["torch_dtype"])?.string
        guard
            let match = Self.allCases.first(where: { $0.configurationName == name && name != nil })
        else { return nil }
        self = match
    }

    /// Returns the configuration with this dtype under the keys that it has for it, or `dtype` if
    /// it has none.
    ///
    /// The configurations of Qwen's first generation also have a flag per precision.
    func updating(_ object: JSONObject) -> JSONObject {
        guard let configurationName else { return object }
        var object = object
        let keys = ["torch_dtype", "dtype"].filter { object[$0] != nil }
        for key in keys.isEmpty ? ["dtype"] : keys { object[key] = .string(configurationName) }
        for (key, precision) in [("bf16", Self.bf16), ("fp16", .f16), ("fp32", .f32)]
        where object[key]?.bool != nil {
            object[key] = .bool(self == precision)
        }
        return object
    }
}
