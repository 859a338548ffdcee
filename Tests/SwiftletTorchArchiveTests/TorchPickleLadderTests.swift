import SwiftletBytes
import SwiftletTorchArchive
import Testing

/// An archive whose pickle is `{"a": value}`.
private func value(_ value: [UInt8]) -> [UInt8] { archive(Pickle.dict(value)) }

/// An archive with a pickle, given as the parts that follow the PROTO opcode.
private func pickle(_ parts: [UInt8]...) -> [UInt8] {
    archive([0x80, 2] + parts.flatMap(\.self))
}

private let ordered = Pickle.global("collections", "OrderedDict")
private let rebuild = Pickle.global("torch._utils", "_rebuild_tensor_v2")

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Things that a pickle must not be able to do.
private let attacks: [TorchCase] = [
    TorchCase(
        "os.system", value(Pickle.call(Pickle.global("os", "system"), Pickle.text("true"))),
        .torchGlobal),
    TorchCase(
        "posix.system", value(Pickle.call(Pickle.global("posix", "system"), Pickle.text("true"))),
        .torchGlobal),
    TorchCase(
        "builtins.eval", value(Pickle.call(Pickle.global("builtins", "eval"), Pickle.text("1"))),
        .torchGlobal),
    TorchCase(
        "__builtin__.eval, the Python 2 name",
        value(Pickle.call(Pickle.global("__builtin__", "eval"), Pickle.text("1"))), .torchGlobal),
    TorchCase(
        "builtins.getattr",
        value(Pickle.call(Pickle.global("builtins", "getattr"), ordered, Pickle.text("pop"))),
        .torchGlobal),
    TorchCase(
        "a dotted name", value(Pickle.global("collections", "OrderedDict.pop")), .torchGlobal),
    TorchCase("torch.load", value(Pickle.global("torch", "load")), .torchGlobal),
    TorchCase(
        "torch.storage._load_from_bytes", value(Pickle.global("torch.storage", "_load_from_bytes")),
        .torchGlobal),
    TorchCase(
        "a name by STACK_GLOBAL", pickle(Pickle.text("os"), Pickle.text("system"), [0x93, 0x2E]),
        .torchPickleProtocol),
    TorchCase("INST", pickle(bytes("(ios\nsystem\n.")), .torchPickleProtocol),
    TorchCase("an extension code", pickle([0x82, 1, 0x2E]), .torchPickleProtocol),
    TorchCase("a call of a string", value(Pickle.call(Pickle.text("eval"))), .torchPickleValue),
    TorchCase(
        "a call of the result of a call", value(Pickle.call(Pickle.call(ordered))),
        .torchPickleValue),
    TorchCase(
        "a rebuild function that calls one that makes calls itself",
        value(
            Pickle.call(
                Pickle.global("torch._tensor", "_rebuild_from_type_v2"),
                Pickle.global("torch._tensor", "_rebuild_from_type_v2"),
                Pickle.global("torch", "Tensor"), Pickle.emptyTuple, Pickle.none)),
        .torchPickleValue),
    TorchCase(
        "a storage created by a call",
        value(Pickle.call(Pickle.global("torch.storage", "UntypedStorage"), Pickle.int(1 << 30))),
        .torchConstructor),
    TorchCase(
        "a tensor created by a call",
        value(Pickle.call(Pickle.global("torch", "FloatTensor"), Pickle.int(1 << 30))),
        .torchConstructor),
    TorchCase("a state for a list", value([0x5D] + Pickle.emptyDict + [0x62]), .torchPickleValue),
    TorchCase(
        "a state for a tensor", value(Pickle.tensor() + Pickle.emptyDict + [0x62]),
        .torchConstructor),
    TorchCase(
        "a key set in a list", value([0x5D] + Pickle.none + Pickle.none + [0x73]), .torchPickleValue
    ),
    TorchCase(
        "a persistent identifier of a module",
        value(Pickle.tuple(Pickle.text("module"), ordered) + [0x51]), .torchStorage),
]

/// Malformed pickles.
private let malformed: [TorchCase] = [
    TorchCase("no bytes", archive([]), .torchPickleEnd),
    TorchCase("no STOP", pickle(Pickle.none), .torchPickleEnd),
    TorchCase(
        "a string longer than the pickle", pickle([0x58] + little(UInt32.max)), .torchPickleEnd),
    TorchCase("a name without a line end", pickle(bytes("ctorch\nTen")), .torchPickleEnd),
    TorchCase("LONG4 of 2 GB", pickle([0x8B] + little(UInt32(1 << 31 - 1))), .torchPickleProtocol),
    TorchCase("LONG1 past the end", pickle([0x8A, 255, 0]), .torchPickleEnd),
    TorchCase("an unknown opcode", pickle([0xFF]), .torchPickleOpcode),
    TorchCase("a string that is not UTF-8", pickle([0x55, 1, 0xFF, 0x2E]), .torchPickleText),
    TorchCase(
        "a lone surrogate; accepted by torch", pickle([0x55, 3, 0xED, 0xA0, 0x80, 0x2E]),
        .torchPickleText
    ),
    TorchCase("an empty stack", pickle([0x2E]), .torchPickleStack),
    TorchCase("a tuple of too few values", pickle(Pickle.none, [0x86, 0x2E]), .torchPickleStack),
    TorchCase(
        "a value below the mark", pickle(Pickle.none, [0x28, 0x85, 0x2E]), .torchPickleStack),
    TorchCase("no mark", pickle([0x74, 0x2E]), .torchPickleStack),
    TorchCase(
        "a key without a value", pickle(Pickle.emptyDict, [0x28], Pickle.none, [0x75, 0x2E]),
        .torchPickleStack),
    TorchCase("a memo entry that is not set", pickle([0x68, 0, 0x2E]), .torchPickleMemo),
    TorchCase(
        "the last memo entry",
        pickle(Pickle.tensor(), [0x72] + little(UInt32.max), [0x6A] + little(UInt32.max), [0x2E]),
        nil),
    TorchCase(
        "a list as a key", pickle(Pickle.emptyDict, [0x5D], Pickle.none, bytes("s.")),
        .torchPickleValue),
    TorchCase(
        "a tuple of lists as a key",
        pickle(Pickle.emptyDict, [0x5D, 0x85], Pickle.none, bytes("s.")), .torchPickleValue),
    TorchCase(
        "a tensor under a tuple",
        pickle(Pickle.emptyDict, Pickle.emptyTuple, Pickle.tensor(), bytes("s.")), .torchKey),
    TorchCase(
        "a key that is set twice",
        pickle(
            Pickle.emptyDict, Pickle.text("a"), Pickle.none, [0x73], Pickle.text("a"),
            Pickle.tensor(), bytes("s.")), nil),
    TorchCase(
        "two keys that give the same name",
        pickle(
            Pickle.emptyDict, Pickle.text("1"), Pickle.tensor(), [0x73], Pickle.int(1),
            Pickle.tensor(), bytes("s.")),
        .torchDuplicateName),
    TorchCase(
        "a list that contains itself", pickle([0x5D, 0x71, 0, 0x68, 0], bytes("a.")), .torchDepth),
    TorchCase(
        "tuples a million deep",
        archive([0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2E]),
        .torchMemory),
    TorchCase(
        "tuples ten thousand deep",
        archive([0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 10_000) + [0x2E]),
        .torchDepth),
    TorchCase(
        "two million values on the stack",
        archive([0x80, 2] + [UInt8](repeating: 0x4E, count: 2_000_000)),
        .torchPickleStack),
    TorchCase(
        "two million marks", archive([0x80, 2] + [UInt8](repeating: 0x28, count: 2_000_000)),
        .torchPickleStack),
    TorchCase("a list doubled forty times", archive(doubling), .torchMemory),
    TorchCase(
        "ten thousand nested calls", archive([0x80, 2] + nested + [0x2E]), .torchPickleValue),
]

/// `x = []; for _ in range(40): x = [x, x]`: 2^40 paths to walk.
private let doubling: [UInt8] = {
    var pickle: [UInt8] = [0x80, 2] + Pickle.tensor() + [0x71, 0]
    for _ in 0..<40 { pickle += [0x5D, 0x28, 0x68, 0, 0x68, 0, 0x65, 0x71, 0] }
    return pickle + [0x2E]
}()

/// OrderedDict(OrderedDict(… )), whose results are not pairs.
private let nested: [UInt8] =
    (0..<10_000).flatMap { _ in ordered } + Pickle.none
    + (0..<10_000).flatMap { _ in [0x85, 0x52] as [UInt8] }

/// Tensors and storages.
private let tensors: [TorchCase] = [
    TorchCase("a plain tensor", value(Pickle.tensor()), nil),
    TorchCase("up to the end of the storage", value(Pickle.tensor(offset: 1, [3])), nil),
    TorchCase("past the storage", value(Pickle.tensor(offset: 1, [4])), .torchTensorBounds),
    TorchCase(
        "past the storage by a stride", value(Pickle.tensor([2, 2], [4, 1])), .torchTensorBounds),
    TorchCase(
        "past the storage by overflow", value(Pickle.tensor([.max, .max], [.max, .max])),
        .torchTensorBounds),
    TorchCase("a negative offset", value(Pickle.tensor(offset: -1, [1])), .torchTensor),
    TorchCase("a negative dimension", value(Pickle.tensor([-1])), .torchTensor),
    TorchCase("a negative stride", value(Pickle.tensor([2], [-1])), .torchTensor),
    TorchCase("two dimensions, one stride", value(Pickle.tensor([2, 2], [1])), .torchTensor),
    TorchCase("no strides", value(Pickle.tensor([2, 2], [])), nil),
    TorchCase(
        "65 dimensions; accepted by torch",
        value(Pickle.tensor(Array(repeating: 1, count: 65), [])),
        .torchTensor),
    TorchCase(
        "an empty tensor outside the storage",
        value(Pickle.tensor(offset: 1 << 30, [0, 7], [7, 1])), nil),
    TorchCase(
        "one element expanded to 2^20; accepted by torch", value(Pickle.tensor([1 << 20], [0])),
        .torchCopyTooLarge),
    TorchCase(
        "one element expanded to 2^60", value(Pickle.tensor([1 << 30, 1 << 30], [0, 0])),
        .torchCopyTooLarge),
    TorchCase(
        "one element expanded to 2^93", value(Pickle.tensor([.max, .max, .max], [0, 0, 0])),
        .torchTensor),
    TorchCase("requires_grad is None", value(Pickle.tensor(gradient: Pickle.none)), .torchTensor),
    TorchCase(
        "integers that require a gradient",
        value(Pickle.tensor(in: Pickle.storage("0", "IntStorage"), gradient: Pickle.yes)),
        .torchTensor),
    TorchCase(
        "the conjugate bit set to None",
        value(
            Pickle.tensor(
                metadata: Pickle.emptyDict + Pickle.text("conj") + Pickle.none + [0x73])),
        .torchTensor),
    TorchCase(
        "the negative bit set; accepted by torch",
        value(Pickle.tensor(metadata: Pickle.emptyDict + Pickle.text("neg") + Pickle.yes + [0x73])),
        .torchConstructor),
    TorchCase(
        "too few arguments", value(Pickle.call(rebuild, Pickle.storage())), .torchPickleValue),
    TorchCase("no storage", value(Pickle.tensor(in: Pickle.none)), .torchTensor),
    TorchCase(
        "a storage of 2^33 bytes", value(Pickle.tensor(in: Pickle.storage(count: .max))),
        .torchStorageSize),
    TorchCase(
        "a storage of -1 elements", value(Pickle.tensor(in: Pickle.storage(count: -1))),
        .torchStorageSize),
    TorchCase(
        "a storage outside the folder", value(Pickle.tensor(in: Pickle.storage("../x"))),
        .torchStorageMissing),
    TorchCase(
        "a storage whose class is a dictionary",
        value(Pickle.tensor(in: Pickle.storage("0", "OrderedDict", module: "collections"))),
        .torchStorage),
    TorchCase(
        "a second reference to a storage, with a string for its class",
        value(
            [0x5D] + Pickle.tensor() + [0x61]
                + Pickle.tensor(
                    in: Pickle.tuple(
                        Pickle.text("storage"), Pickle.text("x"), Pickle.text("0"),
                        Pickle.text("cpu"), Pickle.int(4)) + [0x51]) + [0x61]),
        .torchStorage),
    TorchCase(
        "a storage identifier of six items",
        value(Pickle.tensor(in: Pickle.storage(more: Pickle.none))),
        .torchStorage),
    TorchCase(
        "a quantized storage",
        value(Pickle.tensor(in: Pickle.storage("0", "QInt8Storage"))),
        .torchElementType),
    TorchCase("no tensors", value(Pickle.none), .torchNoTensors),
]

private let key = Pickle.text("0") + [0x61]
private let main = Pickle.dict(Pickle.tensor(in: Pickle.storage(more: Pickle.none)))
private let data = little(UInt64(4)) + [UInt8](repeating: 0x3F, count: 16)

private func part(_ offset: Int32, _ count: Int32) -> [UInt8] {
    let part = Pickle.tuple(Pickle.text("1"), Pickle.int(offset), Pickle.int(count))
    return stream(
        Pickle.dict(Pickle.tensor(in: Pickle.storage(more: part), [1])), keys: key, data: data)
}

/// The stream format.
private let streams: [TorchCase] = [
    TorchCase("a plain stream", stream(main, keys: key, data: data), nil),
    TorchCase("trailing bytes", stream(main, keys: key, data: data + [1]), nil),
    TorchCase(
        "another version", stream(main, version: [0x4B, 1], keys: key, data: data), .torchStream),
    TorchCase(
        "a storage listed twice", stream(main, keys: key + key, data: data + data), .torchStream),
    TorchCase(
        "a storage not listed; accepted by torch", stream(main, keys: [], data: data),
        .torchStorageMissing),
    TorchCase(
        "a storage without tensors", stream(main, keys: Pickle.text("1") + [0x61], data: data),
        .torchStream),
    TorchCase(
        "a different count", stream(main, keys: key, data: little(UInt64(5)) + data.dropFirst(8)),
        .torchStorageSize),
    TorchCase(
        "a count of 2^64 - 1", stream(main, keys: key, data: little(UInt64.max)), .torchStorageSize),
    TorchCase("no count", stream(main, keys: key, data: []), .torchStreamEnd),
    TorchCase(
        "too few bytes", stream(main, keys: key, data: Array(data.dropLast())), .torchStreamEnd),
    TorchCase("a part of a storage", part(3, 1), nil),
    TorchCase("a part past the end; truncated by torch", part(3, 2), .torchStorageSize),
    TorchCase("a part before the start", part(-1, 1), .torchStorageSize),
    TorchCase("a part too short", part(4, 0), .torchTensorBounds),
    TorchCase("a wrong magic number", [0x80, 2, 0x4B, 1, 0x2E], .torchNotAnArchive),
]

@Suite("Verdicts on pickles and streams of torch.save")
struct TorchPickleLadderTests {
    @Test("attacks are refused and nothing is run", arguments: attacks)
    func attack(_ attack: TorchCase) { attack.check() }

    @Test("malformed pickles are refused with their code", arguments: malformed)
    func malformedPickle(_ item: TorchCase) { item.check() }

    @Test("tensors must be inside their storages", arguments: tensors)
    func tensor(_ item: TorchCase) { item.check() }

    @Test("malformed streams are refused with their code", arguments: streams)
    func stream(_ item: TorchCase) { item.check() }

    @Test("the error message has the refused name")
    func name() {
        let error = #expect(throws: SwiftletError.self) {
            try TorchArchive(view: ByteView(value(Pickle.global("os", "system"))))
        }
        #expect(error?.reason.contains("\"os.system\"") == true)
    }
}
