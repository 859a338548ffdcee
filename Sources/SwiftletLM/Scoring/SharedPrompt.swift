/// Requests with the same given tokens.
struct SharedPrompt {
    /// The given tokens, at least two.
    let prompt: [Int32]
    /// The indices of the requests.
    var requests: [Int]

    /// Groups requests by their given tokens; those that share them with no other are alone.
    ///
    /// Nothing is shared where a text's length changes the rotation of its first tokens.
    ///
    /// - Parameters:
    ///   - requests: the requests.
    ///   - description: the model's.
    ///   - withSingles: whether a request that shares its given tokens with no other is a group too,
    ///     because its beginning is known.
    /// - Returns: the indices of the requests alone, and the groups.
    static func groups(
        _ requests: [Scorer.Request], _ description: DecoderDescription, withSingles: Bool = false
    ) -> (alone: [Int], groups: [SharedPrompt]) {
        var byPrompt: [[Int32]: Int] = [:]
        var groups: [SharedPrompt] = []
        var alone: [Int] = []
        for (index, request) in requests.enumerated() {
            let isScored = request.firstScored >= 2 && request.firstScored < request.ids.count
            guard isScored, description.rotary?.dependsOnLength(upTo: request.ids.count) != true
            else {
                alone.append(index)
                continue
            }
            let prompt = Array(request.ids[..<request.firstScored])
            if let group = byPrompt[prompt] {
                groups[group].requests.append(index)
            } else {
                byPrompt[prompt] = groups.count
                groups.append(SharedPrompt(prompt: prompt, requests: [index]))
            }
        }
        let least = withSingles ? 1 : 2
        alone += groups.filter { $0.requests.count < least }.flatMap(\.requests)
        return (alone.sorted(), groups.filter { $0.requests.count >= least })
    }
}
