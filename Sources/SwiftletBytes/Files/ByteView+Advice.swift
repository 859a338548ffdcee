extension ByteView {
    /// Tells the system how these bytes will be used, if they are part of a mapped file.
    ///
    /// Does not change what is read.
    public func advise(_ access: MappedFile.Access) {
        guard let map = owner as? MappedFile else { return }
        // Both addresses are in the same map: the owner of a view into a map is that map.
        let offset = unsafe address - map.bytes.address
        map.advise(access, offset..<offset + count)
    }
}
