/// The name maps of the families, embedded so that a copied binary works.
public enum EmbeddedNameMaps {
    /// The JSON text of each family's map, by family.
    public static var all: [String: [UInt8]] { ["gpt2": PackageResources.gpt2_json] }
}
