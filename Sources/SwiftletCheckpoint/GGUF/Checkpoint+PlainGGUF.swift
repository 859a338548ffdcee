import SwiftletBytes
import SwiftletGGUF

extension Checkpoint {
    /// Opens a well-formed GGUF file as metadata and tensors under its own names, like a file of weights
    /// of no known family; nil for anything else.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - error: why it is no model that Swiftlet runs.
    init?(plainGGUF path: String, because error: SwiftletError) {
        guard GGUFModel.isFile(path), let file = try? GGUFFile(path: path) else { return nil }
        let place = error.place.map { ", \($0)" } ?? ""
        self.path = path
        format = WeightFormat.gguf.rawValue
        metadata = GGUFText.pairs(file)
        files = [path]
        tensors = file.tensors
        familyTensors = file.tensors.map { FamilyTensor(name: $0.name, tensor: $0) }
        configuration = nil
        notes = ["no command runs this file: \(error.reason)\(place)"]
        family = nil
        names = nil
        wrapped = nil
    }
}
