import SwiftletBytes

/// The stages of a run as a graph, in an order in which each follows what it reads.
struct StagePlan {
    /// The stages in order.
    let stages: [any Stage]
    /// Stages that are not run: their outputs are used if they are there.
    private(set) var examined: Set<StageID> = []
    private let places: [StageID: Int]

    /// Checks and keeps an order.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/defect`` for a name that two stages have, and
    ///   for a stage that precedes what it reads.
    init(_ stages: [any Stage]) throws(SwiftletError) {
        self.stages = stages
        var places: [StageID: Int] = [:]
        for (place, stage) in stages.enumerated() {
            for need in stage.needs where places[need] == nil {
                throw SwiftletError(.defect, "\(stage.id.text) precedes \(need.text)")
            }
            guard places.updateValue(place, forKey: stage.id) == nil else {
                throw SwiftletError(.defect, "two stages are named \(stage.id.text)")
            }
        }
        self.places = places
    }

    /// The stage of an identifier.
    subscript(id: StageID) -> (any Stage)? { places[id].map { stages[$0] } }

    /// The names of all stages, each once, in order.
    var names: [String] {
        var seen = Set<String>()
        return stages.map(\.id.name).filter { seen.insert($0).inserted }
    }

    /// The stages of a name or of a seed, and all that they need.
    ///
    /// Stages that gather all seeds gather, for a single seed, this one and those that are complete.
    ///
    /// - Parameters:
    ///   - name: nil for all.
    ///   - seed: nil for all.
    /// - Returns: the plan of these.
    /// - Throws: usage (64) for a name or seed that the run does not have.
    func selecting(name: String?, seed: UInt64?) throws(SwiftletError) -> StagePlan {
        if let name, !names.contains(name) {
            let nearest = NearestName.of(name, among: names)
            throw SwiftletError(
                .usage, "no stage is named \"\(name)\"",
                hint: nearest.map { "did you mean \"\($0)\"?" }
                    ?? "stages: \(names.joined(separator: ", "))")
        }
        let seeds = Set(stages.compactMap(\.id.seed)).sorted()
        if let seed, !seeds.contains(seed) {
            throw SwiftletError(
                .usage, "the configuration has no seed \(seed)",
                hint: "seeds: \(seeds.map { String($0) }.joined(separator: ", "))")
        }
        var wanted = Set<StageID>()
        var queue = stages.map(\.id).filter { id in
            (name == nil || id.name == name) && (seed == nil || id.seed == nil || id.seed == seed)
        }
        while let id = queue.popLast() {
            if wanted.insert(id).inserted, let stage = self[id] { queue += stage.needs }
        }
        var plan = try StagePlan(stages.filter { wanted.contains($0.id) })
        if let seed {
            plan.examined = wanted.filter { $0.seed.map { $0 != seed } ?? false }
        }
        return plan
    }
}

extension Stage {
    /// The stages that this one reads from, each once.
    var needs: [StageID] {
        var seen = Set<StageID>()
        return inputs.compactMap { input in
            guard case .stage(let id, _) = input, seen.insert(id).inserted else { return nil }
            return id
        }
    }

    func publishedFolder(in folder: RunFolder) -> String? { nil }

    /// Whether the stage runs a model, so that its outputs depend on the precision.
    var computes: Bool {
        inputs.contains { input in
            switch input {
            case .model, .stage(_, .model): true
            case .file, .stage: false
            }
        }
    }

    /// Most stages are of one seed, and read from it alone.
    func restricted(to stages: Set<StageID>) -> any Stage { self }
}
