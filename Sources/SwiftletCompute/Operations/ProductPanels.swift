import CSwiftletKernels

/// One factor of a product of many rows, as it lies in memory.
///
/// A line is a row of the left factor or a column of the right one; a step is an index of the sum.
struct ProductFactor {
    /// The first element.
    let start: UnsafeRawPointer
    /// The element type.
    let dtype: swiftlet_dtype
    /// Bytes per element.
    let elementSize: Int
    /// Elements from the start of one row of the memory to the start of the next.
    let stride: Int
    /// Whether a row of the memory holds one step of all lines, and not all steps of one line.
    let isBySteps: Bool

    /// A matrix as the left factor, or with `isBySteps` its transpose; the opposite as the right
    /// one.
    init(_ matrix: Matrix, isBySteps: Bool) {
        start = UnsafeRawPointer(matrix.pointer)
        dtype = SWIFTLET_F32
        elementSize = MemoryLayout<Float>.stride
        stride = matrix.stride
        self.isBySteps = isBySteps
    }

    /// A weight as the right factor, which yields its outputs or, transposed, its inputs.
    init(_ weight: Weight, isTransposed: Bool = false) {
        start = weight.bytes.address
        dtype = weight.kernelDType
        elementSize = weight.elementSize
        stride = weight.leadingDimension
        isBySteps = (weight.order == .inOut) != isTransposed
    }

    func address(line: Int, step: Int) -> UnsafeRawPointer {
        let (row, column) = isBySteps ? (step, line) : (line, step)
        return start + (row * stride + column) * elementSize
    }
}

/// The side of a product that a factor is on.
enum ProductSide {
    case left, right

    /// Lines per panel.
    var panelLines: Int {
        self == .left ? swiftlet_panel_rows() : swiftlet_panel_columns()
    }

    /// Packs lines and steps of a factor into panels that start `stride` words apart.
    ///
    /// The panels are inside the memory at `target`.
    func pack(
        _ factor: ProductFactor, _ form: swiftlet_panel_form, lines: Range<Int>, steps: Range<Int>,
        into target: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let pack = self == .left ? swiftlet_pack_left : swiftlet_pack_right
        pack(
            form, factor.dtype, factor.isBySteps ? 1 : 0,
            factor.address(line: lines.lowerBound, step: steps.lowerBound), factor.stride,
            lines.count, steps.count, target, stride)
    }
}

extension ComputeContext {
    /// Whether products of many rows are computed by kernels of our own.
    ///
    /// The portable kernels are slower than a library.
    static var multipliesPanels: Bool { swiftlet_level_in_use() != SWIFTLET_LEVEL_PORTABLE }

    /// The form to which the factors are packed.
    private var panelForm: swiftlet_panel_form {
        switch precision {
        case .f32: SWIFTLET_PANEL_F32
        case .bf16: Self.multipliesPairs ? SWIFTLET_PANEL_BF16 : SWIFTLET_PANEL_ROUNDED
        }
    }

    /// y = or += left · right, where both are rounded if the precision is bf16.
    ///
    /// One factor, the one with fewer lines, is packed once and shared by all threads; each piece
    /// of work packs its own lines of the other and multiplies them. So every element is packed
    /// once. An element of y depends on its own line of each factor and on the division of the sum
    /// into blocks, which depends on `depth` alone; how lines are divided does not matter.
    ///
    /// - Parameters:
    ///   - left: y.rows lines.
    ///   - right: y.columns lines.
    ///   - depth: the number of steps.
    ///   - y: rows × columns.
    ///   - begin: writes what the product is added to into a part of y, if anything, and returns
    ///     whether there is something to add to.
    func multiplyPanels(
        _ left: ProductFactor, _ right: ProductFactor, depth: Int, into y: Matrix,
        begin: @escaping (_ part: Matrix, _ rows: Range<Int>, _ columns: Range<Int>) -> Bool
    ) {
        guard y.rows > 0, y.columns > 0 else { return }
        guard depth > 0 else {
            if !begin(y, 0..<y.rows, 0..<y.columns) { y.fill(0) }
            return
        }
        let form = panelForm
        let sharesLeft = y.rows <= y.columns
        let (shared, own): (ProductSide, ProductSide) =
            sharesLeft ? (.left, .right) : (.right, .left)
        let blocks = SumBlocks(depth: depth, form)
        let sharedPanels = PanelRow(lines: sharesLeft ? y.rows : y.columns, shared)
        let ownPanels = PanelRow(lines: sharesLeft ? y.columns : y.rows, own)
        let blockWords = sharedPanels.words(steps: blocks.words(0))
        // As many blocks at a time as fit the memory; the threads wait for each other in between.
        let group = max(1, Self.sharedWords / max(blockWords, 1))
        let memory = takeBuffer(count: min(group, blocks.count) * blockWords)
        defer { giveBack(memory) }
        let base = memory.start
        let pieces = ownPanels.pieces(threads: threads.threadCount)
        for first in stride(from: 0, to: blocks.count, by: group) {
            let range = first..<min(first + group, blocks.count)
            pack(
                sharesLeft ? left : right, shared, form, sharedPanels, blocks, range, into: base)
            threads.forEach(pieces.count) { piece, thread in
                let lines = pieces[piece]
                let (rows, columns) =
                    sharesLeft ? (0..<y.rows, lines) : (lines, 0..<y.columns)
                let target = y.rows(rows).columns(columns)
                var adds = first > 0 || begin(target, rows, columns)
                let row = PanelRow(lines: lines.count, own)
                let scratch = self.scratchMatrix(
                    thread, rows: 1, columns: row.words(steps: blocks.words(range.lowerBound)))
                for block in range {
                    let steps = blocks[block]
                    let words = blocks.words(block)
                    let stride = own.panelLines * words
                    own.pack(
                        sharesLeft ? right : left, form, lines: lines, steps: steps,
                        into: scratch.pointer, stride: stride)
                    let common = UnsafePointer(base + (block - first) * blockWords)
                    let mine = UnsafePointer(scratch.pointer)
                    let sharedStride = shared.panelLines * words
                    swiftlet_multiply_panels(
                        form, sharesLeft ? common : mine, sharesLeft ? sharedStride : stride,
                        sharesLeft ? mine : common, sharesLeft ? stride : sharedStride,
                        target.pointer, target.stride, target.rows, target.columns, words,
                        adds ? 1 : 0)
                    adds = true
                }
            }
        }
    }

    /// Packs some blocks of the factor that all threads share; each block starts a multiple of the
    /// first one's words from `base`.
    private func pack(
        _ factor: ProductFactor, _ side: ProductSide, _ form: swiftlet_panel_form,
        _ panels: PanelRow, _ blocks: SumBlocks, _ range: Range<Int>,
        into base: UnsafeMutablePointer<Float>
    ) {
        let blockWords = panels.words(steps: blocks.words(0))
        // Rows of the memory stay together: pieces of a block are steps, or panels.
        let pieces = factor.isBySteps ? 8 : max(1, min(8, panels.count))
        threads.forEach(range.count * pieces) { index, _ in
            let block = range.lowerBound + index / pieces
            let piece = index % pieces
            let (steps, words) = (blocks[block], blocks.words(block))
            let start = base + (block - range.lowerBound) * blockWords
            let stride = panels.side.panelLines * words
            if factor.isBySteps {
                let each = (words + pieces - 1) / pieces
                let own = min(piece * each, words)..<min((piece + 1) * each, words)
                let from = steps.lowerBound + own.lowerBound * blocks.stepsPerWord
                let to = min(
                    steps.lowerBound + own.upperBound * blocks.stepsPerWord, steps.upperBound)
                guard from < to else { return }
                side.pack(
                    factor, form, lines: 0..<panels.lines, steps: from..<to,
                    into: start + own.lowerBound * panels.side.panelLines, stride: stride)
            } else {
                let each = (panels.count + pieces - 1) / pieces
                let own = min(piece * each, panels.count)..<min((piece + 1) * each, panels.count)
                guard !own.isEmpty else { return }
                let lines =
                    own.lowerBound
                    * side.panelLines..<min(own.upperBound * side.panelLines, panels.lines)
                side.pack(
                    factor, form, lines: lines, steps: steps,
                    into: start + own.lowerBound * stride, stride: stride)
            }
        }
    }

    /// Words of the factor that all threads share which are packed at a time: 16 MB.
    static var sharedWords: Int { 1 << 22 }
}

/// The blocks into which a product's sum is divided, by its length alone.
private struct SumBlocks {
    let depth: Int
    let size: Int
    let count: Int
    /// Steps in one word of a panel.
    let stepsPerWord: Int

    init(depth: Int, _ form: swiftlet_panel_form) {
        self.depth = depth
        stepsPerWord = form == SWIFTLET_PANEL_BF16 ? 2 : 1
        // 384 words: a panel of 14 rows and one of 32 columns are 70 KB, half of which are read
        // again and again.
        let largest = 384 * stepsPerWord
        let blocks = (depth + largest - 1) / largest
        size = ((depth + blocks - 1) / blocks + 7) / 8 * 8
        count = (depth + size - 1) / size
    }

    subscript(block: Int) -> Range<Int> {
        block * size..<min((block + 1) * size, depth)
    }

    /// Words for each line of a block; the first block has the most.
    func words(_ block: Int) -> Int { (self[block].count + stepsPerWord - 1) / stepsPerWord }
}

/// The panels of some lines.
private struct PanelRow {
    let lines: Int
    let side: ProductSide
    let count: Int

    init(lines: Int, _ side: ProductSide) {
        self.lines = lines
        self.side = side
        count = (lines + side.panelLines - 1) / side.panelLines
    }

    /// Words of all panels, for a block with as many words per line.
    func words(steps: Int) -> Int { count * side.panelLines * steps }

    /// Pieces of work: whole panels, as many as make a piece worth its start, and as few as let all
    /// threads end at the same time.
    func pieces(threads: Int) -> [Range<Int>] {
        let costs = (1...8).map { size in
            let rounds = ((count + size - 1) / size + threads - 1) / threads
            return (Double(rounds) * (Double(size) + 0.15), size)
        }
        let size = costs.min { $0.0 < $1.0 }.map(\.1) ?? 1
        let width = size * side.panelLines
        return stride(from: 0, to: lines, by: width).map { $0..<min($0 + width, lines) }
    }
}
