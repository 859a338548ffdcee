/// Tokens that can be looked up by spelling and by id.
///
/// This is what adding a token needs to know of a model, which itself is a layer further up.
protocol TokenSpellings {
    /// The number of tokens, which is the first id an added token may take.
    var tokenCount: Int { get }

    /// The id of the token with the given spelling in UTF-8.
    func id(of spelling: [UInt8]) -> Int32?

    /// A token's spelling in UTF-8; nil if there is no such id.
    func spelling(of id: Int) -> [UInt8]?
}
