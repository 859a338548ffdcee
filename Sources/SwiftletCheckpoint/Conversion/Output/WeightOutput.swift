import SwiftletBytes
import SwiftletHDF5Library
import SwiftletSafetensors

/// A tensor that a weight file will contain: its name, dtype and shape.
package typealias TensorDeclaration = (name: String, dtype: DType, shape: [Int])

/// A format of weight files that can be written.
protocol WeightOutput: Sendable {
    /// The beginning of the files' names: `model` in `model-00001-of-00002.safetensors`.
    var stem: String { get }
    /// The ending of the files' names, such as `.safetensors`.
    var ending: String { get }
    /// Whether an index states the number of parameters.
    var indexHasParameters: Bool { get }
    /// Whether a file has a tokenizer inside; nil for a format that holds weights alone.
    var hasTokenizer: Bool? { get }

    /// Returns a file's tensors in the order in which they are written.
    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration]

    /// Starts a file.
    ///
    /// - Parameters:
    ///   - path: the file's final path.
    ///   - tensors: the tensors in the order in which their bytes will be written.
    ///   - isShard: whether there are other files.
    /// - Returns: the file, not yet visible at its path.
    /// - Throws: the errors of creating it.
    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter
}

extension WeightOutput {
    var hasTokenizer: Bool? { nil }
}

/// A weight file that is being written.
package protocol WeightFileWriter: AnyObject {
    /// The size of the committed file in bytes.
    var byteCount: Int { get }
    /// Appends the next bytes of the current tensor.
    func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError)
    /// Appends the next bytes of the current tensor.
    func write(_ view: ByteView) throws(SwiftletError)
    /// Makes the file durable and moves it into place.
    func commit() throws(SwiftletError)
}

extension SafetensorsWriter: WeightFileWriter {}
extension HDF5Writer: WeightFileWriter {}

/// `model.safetensors`.
struct SafetensorsOutput: WeightOutput {
    /// The metadata of each file.
    var metadata: [(key: String, value: String)] = [("format", "pt")]

    var stem: String { "model" }
    var ending: String { ".safetensors" }
    var indexHasParameters: Bool { true }

    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration] {
        SafetensorsWriter.fileOrder(tensors)
    }

    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter {
        try SafetensorsWriter(path: path, tensors: tensors, metadata: metadata)
    }
}
