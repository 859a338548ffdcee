import FuzzSupport
import SwiftletBytes
import SwiftletTorchArchive

/// Opens a file, reads every tensor, and checks that opening it again gives the same.
public func examineTorch(_ start: UnsafePointer<UInt8>?, _ count: Int, _ form: TorchArchive.Form)
    -> CInt
{
    // The budgets of the reader: 16 MiB of values, 1 MiB of copies, or twice the file if that is more.
    examine(start, count, allowance: 40 << 20) { input in
        let isZip = Array(input[0..<min(4, input.count)].copy()) == [0x50, 0x4B, 3, 4]
        guard isZip == (form == .zip) else { return .skipped }
        examineTorch(input)
        return .examined
    }
}

/// Opens a file, reads every tensor, and checks that opening it again gives the same.
public func examineTorch(_ input: ByteView) {
    guard let archive = open(input) else { return }
    let owned = read(archive.tensors, of: input)
    require(
        owned <= max(1 << 20, 2 * input.count) + input.count, "\(owned) bytes of copied tensors")
    for tensor in archive.tensors {
        require(archive[tensor.name] != nil, "\(tensor.name) cannot be looked up")
    }
    for group in archive.sharedStorages {
        require(group.count > 1, "a storage is shared by \(group.count)")
        for name in group { require(archive[name] != nil, "\(name) is shared but does not exist") }
    }
    guard let again = open(input) else { fatalError("opening again is refused") }
    require(areEqual(archive.tensors, again.tensors), "opening again gives other tensors")
    require(archive.notes == again.notes, "opening again gives other notes")
}

private func open(_ input: ByteView) -> TorchArchive? {
    verdict(["torch."]) { () throws(SwiftletError) in try TorchArchive(view: input, path: "x") }
}
