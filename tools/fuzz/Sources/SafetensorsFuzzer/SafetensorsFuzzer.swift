import FuzzSupport
import SwiftletBytes
import SwiftletSafetensors

// All of an accepted file is read. It is the same when opened again, and after writing and reading;
// writing a written file again reproduces it.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The buffer of the writer is 1 MiB. Names and shapes take more memory than their text.
    examine(start, count, allowance: 2 << 20 + 64 * count) { input in
        guard let file = open(input) else { return .examined }
        require(read(file.tensors, of: input) == 0, "a tensor was copied")
        guard let again = open(input) else { fatalError("opening again is refused") }
        require(areEqual(file, again), "opening again gives another result")
        let first = rewritten(file)
        guard let copy = open(first) else { fatalError("the written file is refused") }
        require(
            areEqual(
                file.tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
                copy.tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }),
            "the written file has other tensors")
        require(areEqual(first, rewritten(copy)), "writing again gives other bytes")
        return .examined
    }
}

private func open(_ bytes: ByteView) -> SafetensorsFile? {
    verdict(["safetensors."]) { () throws(SwiftletError) in try SafetensorsFile(view: bytes) }
}

private func areEqual(_ a: SafetensorsFile, _ b: SafetensorsFile) -> Bool {
    areEqual(a.tensors, b.tensors)
        && a.metadataPairs.elementsEqual(b.metadataPairs) {
            $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.utf8.elementsEqual($1.value.utf8)
        }
}

private func rewritten(_ file: SafetensorsFile) -> ByteView {
    do {
        let writer = try SafetensorsWriter(
            path: scratch.file("written.safetensors"),
            tensors: file.tensors.map { ($0.name, $0.dtype, $0.shape) },
            metadata: file.metadataPairs)
        for tensor in file.tensors { try writer.write(tensor.bytes) }
        try writer.commit()
    } catch {
        fatalError("the tensors cannot be written: \(error)")
    }
    return scratch.read("written.safetensors")
}
