import SwiftletBytes

/// The tensors in a file written by `torch.save`.
///
/// ```swift
/// let archive = try TorchArchive(path: "pytorch_model.bin")
/// for tensor in archive.tensors { print(tensor.name, tensor.dtype, tensor.shape) }
/// ```
///
/// The pickle is interpreted as inert data by means of a closed table of names; no code in it is
/// run. Files of tensors are accepted or refused as by `torch.load(weights_only=True,
/// map_location="cpu")` of PyTorch 2.13; `formats/torch-archive.md` lists the differences.
///
/// Contiguous tensors are views into the file, all others are copied.
public struct TorchArchive: Sendable {
    /// A file format of `torch.save`.
    public enum Form: String, Sendable {
        /// A zip, the default since PyTorch 1.6.
        case zip
        /// Pickles followed by data: PyTorch before 1.6, and
        /// `_use_new_zipfile_serialization=False` since.
        case stream
    }

    /// The path as given by the user.
    public let path: String
    /// The format of the file.
    public let form: Form
    /// The tensors in the order of the pickle.
    ///
    /// A tensor is named by the keys that lead to it, joined by periods: `wte.weight` in a
    /// state_dict, `model.wte.weight` in a dictionary with a state_dict under `"model"`,
    /// `state.0.exp_avg` where keys are integers or containers are lists. A file that consists of
    /// a single tensor gives it the empty name.
    public let tensors: [StoredTensor]
    /// The names of the tensors of each storage that several tensors share: tied tensors, and views
    /// of one another.
    ///
    /// Groups and names are in the order of the pickle.
    public let sharedStorages: [[String]]
    /// The skipped values that are not tensors, one line each: at most 64, and then their number.
    public let notes: [String]

    private let index: [[UInt8]: Int]

    /// Maps a file and reads its pickle.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with a `torch.…` code if the file is malformed or
    ///   unsupported, or an error of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Reads the pickle of a file that is already in memory.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - path: The path reported in errors and by the tensors.
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with a `torch.…` code if the file is malformed or
    ///   unsupported.
    public init(view: ByteView, path: String = "memory") throws(SwiftletError) {
        self.path = path
        do throws(SwiftletError) {
            guard 1.littleEndian == 1 else {
                throw SwiftletError(
                    .torchHost, "files of torch.save cannot be read on a big-endian machine")
            }
            let machine: PickleMachine
            let value: PickleValue
            if view.number(at: 0, as: UInt32.self) == ZipForm.signature {
                form = .zip
                if let name = ZipListing.file(in: view) {
                    throw SwiftletError(
                        .foreignContent,
                        "is a zip archive of files such as \"\(name)\", not one of torch.save",
                        hint: "unpack it first, for example with unzip")
                }
                (machine, value) = try ZipForm.read(view)
            } else if TarForm.isTar(view) {
                throw SwiftletError(
                    .torchTar, "the tar format of PyTorch before 0.1.10 is not supported",
                    hint: "load the file in PyTorch and save it again")
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

    /// The tensor with the given name, compared byte for byte, or nil if there is no such tensor.
    public subscript(name: String) -> StoredTensor? {
        index[Array(name.utf8)].map { tensors[$0] }
    }
}
