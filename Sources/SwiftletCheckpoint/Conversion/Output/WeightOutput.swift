import SwiftletBytes
import SwiftletHDF5Library
import SwiftletSafetensors

/// What a weight file will hold: a name, a dtype and a shape.
package typealias TensorDeclaration = (name: String, dtype: DType, shape: [Int])

/// A form of weight files that can be written.
protocol WeightOutput: Sendable {
    /// What the files' names begin with: `model` in `model-00001-of-00002.safetensors`.
    var stem: String { get }
    /// What they end with: `.safetensors`.
    var ending: String { get }
    /// Whether an index says how many parameters there are.
    var indexHasParameters: Bool { get }

    /// The tensors of one file in the order in which it is written front to back.
    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration]

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - path: the final path.
    ///   - tensors: in the order in which their bytes come.
    ///   - isShard: whether there are other files.
    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter
}

/// A weight file on its way.
package protocol WeightFileWriter: AnyObject {
    /// The bytes of the file, once it is committed.
    var byteCount: Int { get }
    /// Appends the next bytes of the current tensor.
    func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError)
    /// Appends the next bytes of the current tensor.
    func write(_ view: ByteView) throws(SwiftletError)
    /// Makes the file durable and puts it in its place.
    func commit() throws(SwiftletError)
}

extension SafetensorsWriter: WeightFileWriter {}
extension HDF5Writer: WeightFileWriter {}

/// `model.safetensors`.
struct SafetensorsOutput: WeightOutput {
    /// The pairs of each file.
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
