import SwiftletBytes

/// A file of `torch.save`, opened and checked: its tensors, by the names of a state_dict.
///
/// ```swift
/// let archive = try TorchArchive(path: "pytorch_model.bin")
/// for tensor in archive.tensors { print(tensor.name, tensor.dtype, tensor.shape) }
/// ```
///
/// The pickle inside is interpreted into inert data by a closed table of names; nothing of it is
/// run. The verdict on a file of tensors is that of `torch.load(weights_only=True,
/// map_location="cpu")` of PyTorch 2.13; `formats/torch-archive.md` lists the differences.
/// Tensors are views into the file. Those that are not contiguous are copied.
public struct TorchArchive: Sendable {
    /// The two forms of such files.
    public enum Form: String, Sendable {
        /// PyTorch 1.6 and later: a zip.
        case zip
        /// Before, and with `_use_new_zipfile_serialization=False`: pickles, then data.
        case stream
    }

    /// The path, as the user named it.
    public let path: String
    /// How the file is built.
    public let form: Form
    /// The tensors in the order of the pickle. A name is the keys that lead to the tensor, joined
    /// by points: `wte.weight` in a state_dict, `model.wte.weight` in a dictionary that has one
    /// under `"model"`, `state.0.exp_avg` where keys are numbers or containers are lists, and
    /// empty if the file is one tensor.
    public let tensors: [StoredTensor]
    /// The names of tensors that look at one storage, where there are several: tied tensors, and
    /// views of one another. Groups and names are in the order of the pickle.
    public let sharedStorages: [[String]]
    /// What was passed over: values that are no tensors, a line each, at most 64 and a summary.
    public let notes: [String]

    private let index: [[UInt8]: Int]

    /// Opens and checks a file.
    ///
    /// - Throws: ``SwiftletError`` with a code of `torch.…`, and those of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Checks a file whose bytes are at hand.
    ///
    /// - Parameters:
    ///   - view: the whole file.
    ///   - path: named in errors and in the tensors.
    public init(view: ByteView, path: String = "memory") throws(SwiftletError) {
        self.path = path
        do throws(SwiftletError) {
            guard 1.littleEndian == 1 else {
                throw SwiftletError(.torchHost, "cannot be read on a big-endian machine")
            }
            let machine: PickleMachine
            let value: PickleValue
            if view.number(at: 0, as: UInt32.self) == ZipForm.signature {
                form = .zip
                (machine, value) = try ZipForm.read(view)
            } else if TarForm.isTar(view) {
                throw SwiftletError(
                    .torchTar, "is a tar of PyTorch before 0.1.10, which is not read",
                    hint: "load it in PyTorch and save it again")
            } else {
                form = .stream
                (machine, value) = try StreamForm.read(view)
            }
            let collector = try TensorCollector(
                machine, value, fileBytes: view.count, file: path)
            tensors = collector.tensors
            sharedStorages = collector.sharedStorages
            notes = collector.notes
            index = collector.index
        } catch {
            throw error.inFile(path)
        }
    }

    /// The tensor of that name, byte for byte; nil if there is none.
    public subscript(name: String) -> StoredTensor? {
        index[Array(name.utf8)].map { tensors[$0] }
    }
}
