import SwiftletBytes

/// A name in a group, and what it leads to.
public struct HDF5Link: Sendable {
    /// What a link leads to.
    public enum Target: Sendable, Equatable {
        /// An object of this file.
        case object(address: UInt64)
        /// A path, of this file or not, to be looked up: listed and never followed.
        case soft(path: String)
        /// An object of another file: listed and never followed.
        case external(file: String, path: String)
        /// What a program makes of it: listed and never followed.
        case userDefined(kind: Int)
    }

    /// The name, without slashes.
    public let name: String
    /// What it leads to.
    public let target: Target
    /// When it was made, where the group keeps that; else 0.
    let creationOrder: Int

    /// The address of the object.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LinkRefused`` for every other kind of link.
    func object() throws(SwiftletError) -> UInt64 {
        let what: String
        switch target {
        case .object(let address): return address
        case .soft(let path): what = "a soft link to \"\(path)\""
        case .external(let file, let path): what = "an external link to \"\(path)\" in \"\(file)\""
        case .userDefined(let kind): what = "a link of user-defined kind \(kind)"
        }
        throw SwiftletError(
            .hdf5LinkRefused, "\"\(name)\" is \(what): not followed",
            hint: "copy the data themselves into the file (h5repack, h5copy)")
    }
}
