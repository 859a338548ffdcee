import SwiftletBytes

/// A named link in a group.
///
/// Only hard links are followed.
public struct HDF5Link: Sendable {
    /// The target of a link.
    public enum Target: Sendable, Equatable {
        /// An object in this file: a hard link.
        case object(address: UInt64)
        /// A path, which is not followed.
        case soft(path: String)
        /// A path in another file, which is not followed.
        case external(file: String, path: String)
        /// A target that only the writing program can interpret, and that is not followed.
        case userDefined(kind: Int)
    }

    /// The name, which has no slashes.
    public let name: String
    /// The target.
    public let target: Target
    /// The position in the order of creation, or 0 if the group does not track it.
    let creationOrder: Int

    /// Returns the address of the object that a hard link refers to.
    ///
    /// - Returns: The address.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LinkRefused`` for every other kind of link.
    func object() throws(SwiftletError) -> UInt64 {
        let what: String
        switch target {
        case .object(let address): return address
        case .soft(let path): what = "a soft link to \"\(path)\""
        case .external(let file, let path): what = "an external link to \"\(path)\" in \"\(file)\""
        case .userDefined(let kind): what = "a link of user-defined kind \(kind)"
        }
        throw SwiftletError(
            .hdf5LinkRefused, "\"\(name)\" is \(what), which is not followed",
            hint: "copy the data into the file (h5copy, h5repack)")
    }
}
