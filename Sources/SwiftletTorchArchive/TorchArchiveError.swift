import SwiftletBytes

// One code per check. formats/torch-archive.md defines each check and notes where PyTorch decides
// differently.
extension SwiftletError.Code {
    /// The file is neither a zip nor a stream of `torch.save`.
    public static let torchNotAnArchive = Self("torch.notAnArchive", .badData)
    /// The file has the tar format of PyTorch before 0.1.10.
    public static let torchTar = Self("torch.tar", .unsupported)
    /// The machine is not little-endian.
    public static let torchHost = Self("torch.host", .unsupported)
    /// Reading needs more memory than a file of this size may use.
    public static let torchMemory = Self("torch.memory", .badData)

    /// The zip directory is missing, truncated or inconsistent.
    public static let torchZipDirectory = Self("torch.zipDirectory", .badData)
    /// The zip is one of several volumes.
    public static let torchZipVolumes = Self("torch.zipVolumes", .unsupported)
    /// A directory entry is malformed or refers to bytes outside the file.
    public static let torchZipEntry = Self("torch.zipEntry", .badData)
    /// The local header of an entry contradicts the directory.
    public static let torchZipHeader = Self("torch.zipHeader", .badData)
    /// Two entries overlap.
    public static let torchZipOverlap = Self("torch.zipOverlap", .badData)
    /// An entry name is not one that PyTorch writes: outside the folder, or not UTF-8.
    public static let torchZipName = Self("torch.zipName", .badData)
    /// Two entries have the same name.
    public static let torchZipDuplicate = Self("torch.zipDuplicate", .badData)
    /// An entry is compressed.
    public static let torchZipCompressed = Self("torch.zipCompressed", .unsupported)
    /// An entry is encrypted.
    public static let torchZipEncrypted = Self("torch.zipEncrypted", .unsupported)

    /// A required record is missing.
    public static let torchNoRecord = Self("torch.noRecord", .badData)
    /// A record is malformed: version, byte order or alignment.
    public static let torchRecord = Self("torch.record", .badData)
    /// The format version is newer than the supported ones.
    public static let torchVersion = Self("torch.version", .unsupported)
    /// The file is a TorchScript program.
    public static let torchScript = Self("torch.script", .unsupported)

    /// The pickle is truncated.
    public static let torchPickleEnd = Self("torch.pickleEnd", .badData)
    /// A byte is not an opcode.
    public static let torchPickleOpcode = Self("torch.pickleOpcode", .badData)
    /// An opcode is not among those that `weights_only` reads.
    public static let torchPickleProtocol = Self("torch.pickleProtocol", .unsupported)
    /// An opcode finds too few values on the stack, or the stack is full.
    public static let torchPickleStack = Self("torch.pickleStack", .badData)
    /// A memo entry is used before it is set.
    public static let torchPickleMemo = Self("torch.pickleMemo", .badData)
    /// A string in the pickle is not UTF-8.
    public static let torchPickleText = Self("torch.pickleText", .badData)
    /// A value has the wrong type.
    public static let torchPickleValue = Self("torch.pickleValue", .badData)
    /// A name is not in the closed table.
    public static let torchGlobal = Self("torch.global", .unsupported)
    /// A name in the table is used in an unsupported way, for example for sparse or quantized
    /// tensors.
    public static let torchConstructor = Self("torch.constructor", .unsupported)

    /// A storage identifier is malformed.
    public static let torchStorage = Self("torch.storage", .badData)
    /// The data of a storage are not in the file.
    public static let torchStorageMissing = Self("torch.storageMissing", .badData)
    /// The data of a storage do not have the length that its identifier declares.
    public static let torchStorageSize = Self("torch.storageSize", .badData)
    /// An element type has no corresponding `DType`.
    public static let torchElementType = Self("torch.elementType", .unsupported)
    /// The arguments of a tensor are malformed.
    public static let torchTensor = Self("torch.tensor", .badData)
    /// A tensor exceeds its storage.
    public static let torchTensorBounds = Self("torch.tensorBounds", .badData)
    /// Contiguous copies of tensors need more memory than a file of this size may use.
    public static let torchCopyTooLarge = Self("torch.copyTooLarge", .unsupported)

    /// A pickle of the stream format has unexpected contents.
    public static let torchStream = Self("torch.stream", .badData)
    /// The storages of the stream format are truncated.
    public static let torchStreamEnd = Self("torch.streamEnd", .badData)
    /// Containers are nested too deeply, or contain themselves.
    public static let torchDepth = Self("torch.depth", .badData)
    /// The key of a tensor is neither a string nor an integer.
    public static let torchKey = Self("torch.key", .unsupported)
    /// Two tensors have the same name.
    public static let torchDuplicateName = Self("torch.duplicateName", .badData)
    /// The file has no tensors.
    public static let torchNoTensors = Self("torch.noTensors", .badData)
}
