/// Requests with the same given tokens.
struct SharedPrompt {
    /// The given tokens, at least two.
    let prompt: [Int32]
    /// The indices of the requests.
    var requests: [Int]

    /// Groups requests by their given tokens; those that share them with no other are alone.
    ///
    /// Nothing is shared where a text's length changes the rotation of its first tokens.
    static func groups(_ requests: [Scorer.Request], _ description: DecoderDescription) -> (
        alone: [Int], groups: [SharedPrompt]
    ) {
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
        alone += groups.filter { $0.requests.count == 1 }.flatMap(\.requests)
        return (alone.sorted(), groups.filter { $0.requests.count > 1 })
    }
}
