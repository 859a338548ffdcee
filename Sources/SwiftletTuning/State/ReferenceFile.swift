import SwiftletBytes
import SwiftletSafetensors

/// The log-probabilities that a reference assigns to sequences, in a file that knows what they were
/// computed from and whether it is whole.
///
/// It is a safetensors file with one tensor, `log_probabilities` (F64, one element per sequence).
/// `formats/training-state.md` describes it.
struct ReferenceFile {
    let path: String
    /// What the values are a function of.
    let fingerprint: String

    private static let tensor = "log_probabilities"
    private static let version = "1"

    /// Reads the values.
    ///
    /// - Parameter count: the number of sequences.
    /// - Returns: nil if there is no file, or it is damaged, or it was computed from something else.
    func read(count: Int) -> [Double]? {
        guard let file = try? SafetensorsFile(path: path), let tensor = file[Self.tensor],
            tensor.dtype == .f64, tensor.shape == [count], let bytes = try? tensor.bytes.copy(),
            file.metadata == metadata(bytes)
        else { return nil }
        let values = stride(from: 0, to: bytes.count, by: 8).map { start in
            Double(
                bitPattern: bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        return values.allSatisfy(\.isFinite) ? values : nil
    }

    /// Writes the values.
    ///
    /// - Throws: cannot create (73) or I/O (74).
    func write(_ values: [Double]) throws(SwiftletError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * values.count)
        for value in values {
            for place in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64(place))))
            }
        }
        try FileSystem.createFolder(FileSystem.parent(path))
        Leftovers.remove(of: path)
        let writer = try SafetensorsWriter(
            path: path, tensors: [(Self.tensor, .f64, [values.count])],
            metadata: metadata(bytes).sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        try writer.write(ByteView(bytes))
        try writer.commit()
    }

    private func metadata(_ bytes: [UInt8]) -> [String: String] {
        [
            "version": Self.version, "fingerprint": fingerprint,
            "checksum": String(FNV1a(bytes).value, radix: 16),
        ]
    }
}
