/// Constants of the format (safetensors 0.8, `tensor.rs`).
public enum SafetensorsFormat {
    /// The bytes of the header's length, an unsigned little-endian number.
    public static let lengthBytes = 8
    /// The longest header that is accepted.
    public static let headerLimit = 100_000_000
    /// What the writer pads the header to, with spaces.
    public static let headerAlignment = 8
    /// The header's key that names no tensor.
    public static let metadataKey = "__metadata__"
}
