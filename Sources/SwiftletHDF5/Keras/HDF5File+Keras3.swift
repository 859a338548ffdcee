import SwiftletBytes

// Keras 3: a tree of objects, each with its variables by number below `vars`
// (keras `saving_lib.py`).
extension HDF5File {
    /// The variables of all objects, in the order of the file's groups, those of one object by
    /// number; no data are read. Empty for files of another layout.
    public var kerasVariables: [KerasVariable] {
        get throws(SwiftletError) {
            var found: [KerasVariable] = []
            var names: [String: String] = [:]
            for dataset in try datasets {
                let parts = dataset.path.split(separator: "/").map(String.init)
                guard parts.count >= 2, parts[parts.count - 2] == "vars" else { continue }
                let object = parts.dropLast(2).joined(separator: "/")
                if names[object] == nil {
                    let vars = object.isEmpty ? "vars" : "\(object)/vars"
                    names[object] = try root.group(vars)?.attribute("name")?.string ?? ""
                }
                found.append(
                    KerasVariable(
                        object: object, objectName: names[object].flatMap { $0.isEmpty ? nil : $0 },
                        name: parts[parts.count - 1], dataset: dataset))
            }
            return Self.byNumber(found)
        }
    }

    /// Each object's variables in the order of their numbers: 2 before 10.
    private static func byNumber(_ variables: [KerasVariable]) -> [KerasVariable] {
        var sorted: [KerasVariable] = []
        var start = 0
        while start < variables.count {
            let end =
                variables[start...].firstIndex { $0.object != variables[start].object }
                ?? variables.count
            sorted += variables[start..<end].enumerated().sorted { a, b in
                let (x, y) = (Int(a.element.name) ?? Int.max, Int(b.element.name) ?? Int.max)
                return (x, a.offset) < (y, b.offset)
            }.map(\.element)
            start = end
        }
        return sorted
    }
}
