import FuzzSupport
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors

// The input is the index of two fixed shards: `a.safetensors` with x and y, `b.safetensors` with z.
// With an accepted index, each tensor is read from its file.

nonisolated(unsafe) private let scratch: ScratchFolder = {
    let folder = ScratchFolder()
    for (file, names) in [("a", ["x", "y"]), ("b", ["z"])] {
        do {
            let writer = try SafetensorsWriter(
                path: folder.file("\(file).safetensors"), tensors: names.map { ($0, .u8, [2]) })
            for _ in names { try writer.write([1, 1]) }
            try writer.commit()
        } catch {
            fatalError("the shards cannot be written: \(error)")
        }
    }
    return folder
}()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 8 << 20 + 256 * count) { input in
        let name = "model.safetensors.index.json"
        scratch.write(input, name)
        let checkpoint = verdict(["json.", "text.", "shards.", "file.", "safetensors."]) {
            () throws(SwiftletError) in try Checkpoint(path: scratch.file(name))
        }
        guard let checkpoint else { return .examined }
        let places = Dictionary(
            checkpoint.tensors.map { ($0.name, $0.file) }
        ) { _, _ in fatalError("duplicate tensor name") }
        for (tensor, file) in [("x", "a"), ("y", "a"), ("z", "b")] {
            if let place = places[tensor] {
                require(place.hasSuffix("\(file).safetensors"), "\(tensor) is read from \(place)")
            }
        }
        for file in checkpoint.files {
            require(file.hasPrefix(scratch.path + "/"), "\(file) is outside the folder")
        }
        require(!checkpoint.tensors.isEmpty, "the index has no tensors")
        return .examined
    }
}
