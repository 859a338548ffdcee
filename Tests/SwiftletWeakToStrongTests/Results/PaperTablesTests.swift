import SwiftletBytes
import SwiftletWeakToStrong
import Testing

/// The numbers of the paper's Tables 1 to 5, as printed: fed as results, they must come out as the
/// same tables, and their performance gaps must follow from their metrics.
@Suite struct PaperTablesTests {
    /// A student's metric and PGR, without and with auxiliary loss.
    private struct Printed {
        let method: String
        let without: (Double, Double)?
        let with: (Double, Double)?

        init(_ method: String, _ without: (Double, Double)?, _ with: (Double, Double)?) {
            (self.method, self.without, self.with) = (method, without, with)
        }
    }

    private static let classes = [
        Printed("single-GPT2-Large", (0.816, 0.547), (0.832, 0.635)),
        Printed("single-OPT-1.3B", (0.811, 0.563), (0.828, 0.648)),
        Printed("single-Pythia-1.4B", (0.774, 0.418), (0.800, 0.540)),
        Printed("naive", (0.818, 0.593), (0.844, 0.726)),
        Printed("bayesian", (0.822, 0.614), (0.855, 0.781)),
    ]

    private static let hard = [
        Printed("single-GPT2-Large", (0.673, 0.108), (0.666, 0.047)),
        Printed("single-OPT-1.3B", (0.634, -0.265), (0.569, -0.831)),
        Printed("single-Pythia-1.4B", (0.695, 0.146), (0.688, 0.081)),
        Printed("naive", (0.689, 0.181), (0.673, 0.036)),
        Printed("joint", (0.713, 0.393), (0.706, 0.330)),
        Printed("bayesian", (0.700, 0.276), (0.697, 0.252)),
    ]

    private static let soft = [
        Printed("single-GPT2-Large", (0.688, 0.230), (0.668, 0.069)),
        Printed("single-OPT-1.3B", (0.593, -0.621), (0.703, 0.322)),
        Printed("single-Pythia-1.4B", (0.702, 0.215), (0.703, 0.233)),
        Printed("naive", (0.711, 0.375), (0.700, 0.276)),
        Printed("joint", (0.706, 0.330), (0.706, 0.330)),
        Printed("bayesian", (0.715, 0.413), (0.726, 0.509)),
        Printed("bayesian+cdpo", nil, (0.728, 0.526)),
    ]

    private static func taught(_ task: String, _ metric: String, _ values: [Double])
        -> [RunResults.Row]
    {
        zip(["weak-GPT2-Large", "weak-OPT-1.3B", "weak-Pythia-1.4B", "ceiling"], values).map {
            RunResults.Row(task: task, method: $0, metric: metric, value: $1)
        }
    }

    private static func rows(
        _ task: String, _ metric: String, _ confidence: String, _ printed: [Printed],
        hasGaps: Bool
    ) -> [RunResults.Row] {
        printed.flatMap { row in
            [(false, row.without), (true, row.with)].compactMap { aux, numbers in
                numbers.map {
                    RunResults.Row(
                        task: task, method: row.method, aux: aux, confidence: confidence,
                        metric: metric, value: $0.0, pgr: hasGaps ? $0.1 : nil)
                }
            }
        }
    }

    private static func sciq(hasGaps: Bool) -> RunResults {
        RunResults(
            task: "sciq",
            rows: taught("sciq", "accuracy", [0.717, 0.699, 0.685, 0.898])
                + rows("sciq", "accuracy", "none", classes, hasGaps: hasGaps))
    }

    private static func slurp(hasGaps: Bool) -> RunResults {
        RunResults(
            task: "slurp",
            rows: taught("slurp", "slu_f1", [0.660, 0.665, 0.680, 0.781])
                + rows("slurp", "slu_f1", "none", hard, hasGaps: hasGaps)
                + rows("slurp", "slu_f1", "product", soft, hasGaps: hasGaps))
    }

    private static let counts = [
        "GPT2-Large": 774_030_080, "OPT-1.3B": 1_315_758_080, "Pythia-1.4B": 1_414_647_808,
    ]

    @Test func `Tables 1 and 2`() {
        let tables = ResultTables(
            ResultSummary(Self.sciq(hasGaps: true)),
            parameters: Self.counts.merging(["ceiling": 7_721_324_544]) { $1 })
        #expect(
            tables.markdown == """
                ## Models trained on the ground truth

                |                        | Model       | # Param | Accuracy |
                | ---------------------- | ----------- | ------: | -------: |
                | Strong model (ceiling) |             |    7.7B |    0.898 |
                | Weak model             | GPT2-Large  |    0.8B |    0.717 |
                | Weak model             | OPT-1.3B    |    1.3B |    0.699 |
                | Weak model             | Pythia-1.4B |    1.4B |    0.685 |

                ## Students trained on weak labels

                |                       |                     | Accuracy, w/o aux loss | PGR, w/o aux loss | Accuracy, w/ aux loss | PGR, w/ aux loss |
                | --------------------- | ------------------- | ---------------------: | ----------------: | --------------------: | ---------------: |
                | Single weak-to-strong | GPT2-Large          |                  0.816 |             0.547 |                 0.832 |            0.635 |
                | Single weak-to-strong | OPT-1.3B            |                  0.811 |             0.563 |                 0.828 |            0.648 |
                | Single weak-to-strong | Pythia-1.4B         |                  0.774 |             0.418 |                 0.800 |            0.540 |
                |                       | Naive multi-weak    |                  0.818 |             0.593 |                 0.844 |            0.726 |
                |                       | Bayesian multi-weak |              **0.822** |         **0.614** |             **0.855** |        **0.781** |

                """)
    }

    @Test func `Tables 3, 4 and 5`() {
        let text = ResultTables(ResultSummary(Self.slurp(hasGaps: true))).markdown
        #expect(
            text == """
                ## Models trained on the ground truth

                |                        | Model       | # Param | SLU-F1 |
                | ---------------------- | ----------- | ------: | -----: |
                | Strong model (ceiling) |             |       – |  0.781 |
                | Weak model             | GPT2-Large  |       – |  0.660 |
                | Weak model             | OPT-1.3B    |       – |  0.665 |
                | Weak model             | Pythia-1.4B |       – |  0.680 |

                ## Students trained on weak labels, without confidence scores

                |                       |                     | SLU-F1, w/o aux loss | PGR, w/o aux loss | SLU-F1, w/ aux loss | PGR, w/ aux loss |
                | --------------------- | ------------------- | -------------------: | ----------------: | ------------------: | ---------------: |
                | Single weak-to-strong | GPT2-Large          |                0.673 |             0.108 |               0.666 |            0.047 |
                | Single weak-to-strong | OPT-1.3B            |                0.634 |            -0.265 |               0.569 |           -0.831 |
                | Single weak-to-strong | Pythia-1.4B         |                0.695 |             0.146 |               0.688 |            0.081 |
                |                       | Naive multi-weak    |                0.689 |             0.181 |               0.673 |            0.036 |
                |                       | Joint decoding      |            **0.713** |         **0.393** |           **0.706** |        **0.330** |
                |                       | Bayesian multi-weak |                0.700 |             0.276 |               0.697 |            0.252 |

                ## Students trained on weak labels, with confidence scores

                |                       |                            | SLU-F1, w/o aux loss | PGR, w/o aux loss | SLU-F1, w/ aux loss | PGR, w/ aux loss |
                | --------------------- | -------------------------- | -------------------: | ----------------: | ------------------: | ---------------: |
                | Single weak-to-strong | GPT2-Large                 |                0.688 |             0.230 |               0.668 |            0.069 |
                | Single weak-to-strong | OPT-1.3B                   |                0.593 |            -0.621 |               0.703 |            0.322 |
                | Single weak-to-strong | Pythia-1.4B                |                0.702 |             0.215 |               0.703 |            0.233 |
                |                       | Naive multi-weak           |                0.711 |             0.375 |               0.700 |            0.276 |
                |                       | Joint decoding             |                0.706 |             0.330 |               0.706 |            0.330 |
                |                       | Bayesian multi-weak        |            **0.715** |         **0.413** |               0.726 |            0.509 |
                |                       | Bayesian multi-weak + cDPO |                    – |                 – |           **0.728** |        **0.526** |

                """)
    }

    /// The printed metrics are rounded to 0.0005, so a gap of G is known to about 0.001 / G.
    @Test func `the printed gaps follow from the printed metrics`() {
        for (whole, bare, smallestGap) in [
            (Self.sciq(hasGaps: true), Self.sciq(hasGaps: false), 0.181),
            (Self.slurp(hasGaps: true), Self.slurp(hasGaps: false), 0.101),
        ] {
            var computed = bare
            computed.fillGaps()
            #expect(computed.rows.count == whole.rows.count)
            for (printed, row) in zip(whole.rows, computed.rows) {
                guard let expected = printed.pgr else {
                    #expect(row.pgr == nil, "\(row)")
                    continue
                }
                let gap = row.pgr ?? .nan
                let tolerance =
                    0.0005 + 0.0005 * (1 + abs(1 - expected) + abs(expected)) / smallestGap
                #expect(abs(gap - expected) <= tolerance, "\(row), printed \(expected)")
            }
        }
    }

    @Test func `Table 2 follows to the last digit but one`() {
        var computed = Self.sciq(hasGaps: false)
        computed.fillGaps()
        for (printed, row) in zip(Self.sciq(hasGaps: true).rows, computed.rows) {
            if let expected = printed.pgr { #expect(abs((row.pgr ?? .nan) - expected) < 0.00051) }
        }
    }
}
