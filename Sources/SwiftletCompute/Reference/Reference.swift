import RealModule

/// The operations as plain formulas in Double, against which tests check the fast ones.
package enum Reference {
    /// A matrix of doubles, rows × columns.
    package struct Table: Equatable {
        package var rows: Int
        package var columns: Int
        package var values: [Double]

        package init(rows: Int, columns: Int, _ values: [Double]? = nil) {
            self.rows = rows
            self.columns = columns
            self.values = values ?? Array(repeating: 0, count: rows * columns)
        }

        package init(_ matrix: Matrix) {
            self.init(rows: matrix.rows, columns: matrix.columns, matrix.values.map(Double.init))
        }

        package subscript(row: Int, column: Int) -> Double {
            get { values[row * columns + column] }
            set { values[row * columns + column] = newValue }
        }

        package var transposed: Table {
            var result = Table(rows: columns, columns: rows)
            for row in 0..<rows {
                for column in 0..<columns { result[column, row] = self[row, column] }
            }
            return result
        }

        /// A copy of a range of columns.
        package func columns(_ range: Range<Int>) -> Table {
            var result = Table(rows: rows, columns: range.count)
            for row in 0..<rows {
                for column in range { result[row, column - range.lowerBound] = self[row, column] }
            }
            return result
        }
    }

    /// a · b.
    package static func product(_ a: Table, _ b: Table) -> Table {
        var result = Table(rows: a.rows, columns: b.columns)
        for row in 0..<a.rows {
            for column in 0..<b.columns {
                for index in 0..<a.columns {
                    result[row, column] += a[row, index] * b[index, column]
                }
            }
        }
        return result
    }

    /// (x − mean) / sqrt(variance + epsilon) · gain + bias, row by row.
    package static func layerNorm(_ x: Table, gain: Table, bias: Table, epsilon: Double) -> Table {
        var result = x
        for row in 0..<x.rows {
            let line = (0..<x.columns).map { x[row, $0] }
            let mean = line.reduce(0, +) / Double(line.count)
            let variance =
                line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(line.count)
            for column in 0..<x.columns {
                result[row, column] =
                    (line[column] - mean) / (variance + epsilon).squareRoot() * gain[0, column]
                    + bias[0, column]
            }
        }
        return result
    }

    /// x / sqrt(mean of x² + epsilon) · gain, row by row.
    package static func rmsNorm(_ x: Table, gain: Table, epsilon: Double) -> Table {
        var result = x
        for row in 0..<x.rows {
            let squares = (0..<x.columns).reduce(0) { $0 + x[row, $1] * x[row, $1] }
            for column in 0..<x.columns {
                result[row, column] *=
                    gain[0, column] / (squares / Double(x.columns) + epsilon).squareRoot()
            }
        }
        return result
    }

    /// Rotary position embedding of one head: in each row, columns i and i + d / 2 of the first
    /// d = 2 · cosines.columns are rotated by the angle whose cosine and sine are in column i.
    package static func rotated(_ x: Table, cosines: Table, sines: Table) -> Table {
        var result = x
        let half = cosines.columns
        for row in 0..<x.rows {
            for column in 0..<half {
                let (a, b) = (x[row, column], x[row, column + half])
                let (cosine, sine) = (cosines[row, column], sines[row, column])
                result[row, column] = a * cosine - b * sine
                result[row, column + half] = b * cosine + a * sine
            }
        }
        return result
    }

    /// Causal attention of one head of one sequence: softmax(scale · q·kᵀ) · v, where each query
    /// sees the keys up to its own position.
    ///
    /// The first query is at position k.rows − q.rows.
    package static func attention(_ q: Table, _ k: Table, _ v: Table, scale: Double) -> Table {
        var result = Table(rows: q.rows, columns: v.columns)
        for row in 0..<q.rows {
            let visible = k.rows - q.rows + row + 1
            let scores = (0..<visible).map { key in
                scale * (0..<q.columns).reduce(0) { $0 + q[row, $1] * k[key, $1] }
            }
            let maximum = scores.max() ?? 0
            let masses = scores.map { Double.exp($0 - maximum) }
            let total = masses.reduce(0, +)
            for key in 0..<visible {
                for column in 0..<v.columns {
                    result[row, column] += masses[key] / total * v[key, column]
                }
            }
        }
        return result
    }

    /// log softmax of one row.
    package static func logSoftmax(_ row: [Double]) -> [Double] {
        let maximum = row.max() ?? 0
        let total = row.reduce(0) { $0 + Double.exp($1 - maximum) }
        return row.map { $0 - maximum - Double.log(total) }
    }
}
