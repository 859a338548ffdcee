/// The name maps of the families, embedded so that a copied binary works.
public enum EmbeddedNameMaps {
    /// The JSON text of the configuration keys that all families share.
    public static var commonKeys: [UInt8] { PackageResources.common_keys_json }

    /// The JSON text of each family's map, by family.
    public static var all: [String: [UInt8]] {
        [
            "gpt2": PackageResources.gpt2_json, "gpt_neox": PackageResources.gpt_neox_json,
            "llama": PackageResources.llama_json, "opt": PackageResources.opt_json,
            "qwen": PackageResources.qwen_json, "qwen2": PackageResources.qwen2_json,
            "qwen3": PackageResources.qwen3_json,
        ]
    }
}
