extension [String] {
    /// Notes of one kind, each of them once: the first eight, and how many more there are.
    var asFewNotes: [String] {
        var seen: Set<String> = []
        let distinct = filter { seen.insert($0).inserted }
        guard distinct.count > Self.mostNotes else { return distinct }
        return distinct.prefix(Self.mostNotes)
            + ["and \(distinct.count - Self.mostNotes) more notes like the last one"]
    }

    private static var mostNotes: Int { 8 }
}
