import SwiftletBytes

/// A link of a group, or an attribute of an object.
protocol ListedItem {
    var name: String { get }
    /// The position in the order of creation, if the object tracks it.
    var creationOrder: Int { get }
}

extension HDF5Link: ListedItem {}
extension HDF5Attribute: ListedItem {}

extension Array where Element: ListedItem {
    /// Returns the items in the order in which h5py lists them.
    ///
    /// - Parameters:
    ///   - byCreation: Whether they are sorted by creation, else by the bytes of their names.
    ///   - duplicate: Makes the error for a duplicate name.
    /// - Returns: The sorted items.
    /// - Throws: The error made by `duplicate`.
    func listed(
        byCreation: Bool, duplicate: (_ name: String) -> SwiftletError
    ) throws(SwiftletError) -> [Element] {
        var items = sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (item, next) in zip(items, items.dropFirst())
        where item.name.utf8.elementsEqual(next.name.utf8) {
            throw duplicate(item.name)
        }
        // Sorting is stable: items of equal order, which an intact file does not have, stay sorted
        // by name.
        if byCreation { items.sort { $0.creationOrder < $1.creationOrder } }
        return items
    }
}
