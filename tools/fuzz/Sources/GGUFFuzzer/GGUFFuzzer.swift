import FuzzSupport
import SwiftletBytes
import SwiftletGGUF

// All of an accepted file is read, and its blocks are widened. It is the same when opened again and, if it can be
// written, after writing and reading.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The buffer of the writer is 1 MiB. An entry of 13 bytes takes a few hundred as a value and in an index, a
    // block of Q2_K of 84 bytes becomes 1024.
    examine(start, count, allowance: 2 << 20 + 128 * count) { input in
        guard let file = open(input) else { return .examined }
        require(read(file.tensors, of: input) == 0, "a tensor was copied")
        for tensor in file.tensors where tensor.dtype.block != nil {
            let floats = verdict(["gguf."]) { () throws(SwiftletError) in try tensor.widened() }
            require(floats?.count == tensor.elementCount, "\(tensor.name) has other elements")
        }
        for (_, value) in file.metadata {
            if let array = value.array { read(array) }
        }
        guard let again = open(input) else { fatalError("opening again is refused") }
        require(areEqual(file, again), "opening again gives another result")
        // A file of a few bytes may ask for an alignment of megabytes, to which a written file is padded.
        guard file.alignment <= 1 << 16 else { return .examined }
        guard let written = rewritten(file) else { return .examined }
        guard let copy = open(written) else { fatalError("the written file is refused") }
        require(areEqual(file, copy), "the written file has other contents")
        require(areEqual(written, rewritten(copy) ?? input), "writing again gives other bytes")
        return .examined
    }
}

private func open(_ bytes: ByteView) -> GGUFFile? {
    verdict(["gguf."]) { () throws(SwiftletError) in try GGUFFile(view: bytes) }
}

/// Reads all elements; each must be of exactly one of the types that they can be read as, or of none.
private func read(_ array: GGUFArray) {
    var count = 0
    array.forEachString { _ in count += 1 }
    require(count == (array.kind == .string ? array.count : 0), "\(count) strings")
    let counts = [
        array.strings()?.count, array.ints()?.count, array.floats()?.count,
        array.booleans()?.count, array.arrays()?.count,
    ].compactMap(\.self)
    require(counts.allSatisfy { $0 == array.count }, "elements are missing")
    require(counts.count == 1 || array.kind == .uint64, "the elements have \(counts.count) types")
    array.arrays()?.forEach(read)
}

/// Compares bytes, because NaN is not equal to itself.
private func areEqual(_ a: GGUFFile, _ b: GGUFFile) -> Bool {
    areEqual(a.tensors, b.tensors) && a.alignment == b.alignment
        && a.fields.elementsEqual(b.fields) { a, b in
            a.key.utf8.elementsEqual(b.key.utf8) && a.field.kind == b.field.kind
                && areEqual(a.field.value, b.field.value)
        }
}

private func areEqual(_ a: GGUFValue, _ b: GGUFValue) -> Bool {
    guard case .float(let left) = a, case .float(let right) = b else { return a == b }
    return left.bitPattern == right.bitPattern
}

/// The file as the writer writes it; nil if it may not.
private func rewritten(_ file: GGUFFile) -> ByteView? {
    let writer = verdict(["gguf."]) { () throws(SwiftletError) in
        try GGUFWriter(
            path: scratch.file("written.gguf"),
            tensors: file.tensors.map { ($0.name, $0.dtype, $0.shape) }, metadata: file.fields)
    }
    guard let writer else { return nil }
    do {
        for tensor in file.tensors { try writer.write(tensor.bytes) }
        try writer.commit()
    } catch {
        fatalError("the tensors cannot be written: \(error)")
    }
    return scratch.read("written.gguf")
}
