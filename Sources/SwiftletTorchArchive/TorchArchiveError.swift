import SwiftletBytes

// One code a rung; formats/torch-archive.md says what each means and what the reference says.
extension SwiftletError.Code {
    /// Neither a zip of `torch.save` nor its older stream.
    public static let torchNotAnArchive = Self("torch.notAnArchive", .badData)
    /// The tar form of PyTorch before 0.1.10.
    public static let torchTar = Self("torch.tar", .unsupported)
    /// Bytes are little-endian here; this machine's are not.
    public static let torchHost = Self("torch.host", .unsupported)
    /// Reading needs more memory than a file of this length may ask for.
    public static let torchMemory = Self("torch.memory", .badData)

    /// The zip's directory is missing, cut short, or contradicts itself.
    public static let torchZipDirectory = Self("torch.zipDirectory", .badData)
    /// The zip is one volume of several.
    public static let torchZipVolumes = Self("torch.zipVolumes", .unsupported)
    /// An entry of the directory is malformed or lies outside the file.
    public static let torchZipEntry = Self("torch.zipEntry", .badData)
    /// An entry's own header contradicts the directory.
    public static let torchZipHeader = Self("torch.zipHeader", .badData)
    /// Two entries lie over each other.
    public static let torchZipOverlap = Self("torch.zipOverlap", .badData)
    /// A name that no archive of PyTorch has: a path out of its folder, or not UTF-8.
    public static let torchZipName = Self("torch.zipName", .badData)
    /// Two entries have one name.
    public static let torchZipDuplicate = Self("torch.zipDuplicate", .badData)
    /// A compressed entry.
    public static let torchZipCompressed = Self("torch.zipCompressed", .unsupported)
    /// An encrypted entry.
    public static let torchZipEncrypted = Self("torch.zipEncrypted", .unsupported)

    /// A record that every archive has is not there.
    public static let torchNoRecord = Self("torch.noRecord", .badData)
    /// A record's text is not what it may be: version, byte order, alignment.
    public static let torchRecord = Self("torch.record", .badData)
    /// A version later than ours.
    public static let torchVersion = Self("torch.version", .unsupported)
    /// A TorchScript program.
    public static let torchScript = Self("torch.script", .unsupported)

    /// The pickle ends in the middle.
    public static let torchPickleEnd = Self("torch.pickleEnd", .badData)
    /// A byte that is no opcode.
    public static let torchPickleOpcode = Self("torch.pickleOpcode", .badData)
    /// An opcode that `weights_only` does not read either.
    public static let torchPickleProtocol = Self("torch.pickleProtocol", .unsupported)
    /// An opcode finds no values on the stack, or too many.
    public static let torchPickleStack = Self("torch.pickleStack", .badData)
    /// A place of the memo that nothing was put in.
    public static let torchPickleMemo = Self("torch.pickleMemo", .badData)
    /// Text of a pickle is not UTF-8.
    public static let torchPickleText = Self("torch.pickleText", .badData)
    /// A value has a type that does not belong there.
    public static let torchPickleValue = Self("torch.pickleValue", .badData)
    /// A name outside the closed table.
    public static let torchGlobal = Self("torch.global", .unsupported)
    /// A name of the table, used for what Swiftlet does not do: sparse, quantized and others.
    public static let torchConstructor = Self("torch.constructor", .unsupported)

    /// A storage's identifier has the wrong form.
    public static let torchStorage = Self("torch.storage", .badData)
    /// The data of a storage are not in the file.
    public static let torchStorageMissing = Self("torch.storageMissing", .badData)
    /// The data of a storage are not as long as its identifier says.
    public static let torchStorageSize = Self("torch.storageSize", .badData)
    /// An element type that has no counterpart here.
    public static let torchElementType = Self("torch.elementType", .unsupported)
    /// A tensor's arguments have the wrong form.
    public static let torchTensor = Self("torch.tensor", .badData)
    /// A tensor reaches outside its storage.
    public static let torchTensorBounds = Self("torch.tensorBounds", .badData)
    /// The tensors that must be made contiguous are too large for the file.
    public static let torchCopyTooLarge = Self("torch.copyTooLarge", .unsupported)

    /// The magic number of the older stream is followed by what does not belong there.
    public static let torchStream = Self("torch.stream", .badData)
    /// The older stream ends in the middle of its storages.
    public static let torchStreamEnd = Self("torch.streamEnd", .badData)
    /// Containers are nested too deep, or hold themselves.
    public static let torchDepth = Self("torch.depth", .badData)
    /// A tensor's key is neither text nor a whole number.
    public static let torchKey = Self("torch.key", .unsupported)
    /// Two tensors have one name.
    public static let torchDuplicateName = Self("torch.duplicateName", .badData)
    /// The file holds no tensor.
    public static let torchNoTensors = Self("torch.noTensors", .badData)
}
