extension ByteView {
    /// Tells the system how these bytes will be used, if they lie in a mapped file; has no effect
    /// on what is read.
    public func advise(_ access: MappedFile.Access) {
        guard let map = owner as? MappedFile else { return }
        // Both addresses lie in the one map: views of a mapped file are made from it alone.
        let offset = unsafe address - map.bytes.address
        map.advise(access, offset..<offset + count)
    }
}
