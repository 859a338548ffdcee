import SwiftletBytes

// The variables of Keras 3, which are numbered in the group `vars` of each object
// (keras `saving_lib.py`).
extension HDF5File {
    /// The variables of all objects, in the order of the groups in the file; those of one object
    /// are sorted by number.
    ///
    /// Empty for files of other layouts. No data are read.
    public var kerasVariables: [KerasVariable] {
        get throws(SwiftletError) {
            var found: [KerasVariable] = []
            var names: [[UInt8]: String?] = [:]
            var finder = PathFinder(root.space)
            for dataset in try datasets {
                let parts = dataset.path.split(separator: "/").map(String.init)
                guard parts.count >= 2, parts[parts.count - 2] == "vars" else { continue }
                let object = parts.dropLast(2).joined(separator: "/")
                let key = Array(object.utf8)
                if names[key] == nil {
                    names[key] = try name(of: object, &finder)
                }
                found.append(
                    KerasVariable(
                        object: object, objectName: names[key] ?? nil,
                        name: parts[parts.count - 1], dataset: dataset))
            }
            return Self.byNumber(found)
        }
    }

    private func name(
        of object: String, _ finder: inout PathFinder
    ) throws(SwiftletError) -> String? {
        do throws(SwiftletError) {
            guard case .group(let vars) = try finder.object("\(object)/vars", from: root) else {
                return nil
            }
            return try vars.attribute("name")?.string
        } catch {
            throw error.inFile(path)
        }
    }

    /// Sorts the variables of each object by number: 2 comes before 10.
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
