import Model
import Render

/// A thread's or process' states as stacked cells: `███▒▒lldd····`.
enum StateBar {
    static func line(_ load: Load, width: Int) -> StyledLine {
        let sample = load.sample
        // Waits that have no row leave blocked time without a kind.
        let named = BlockedKind.allCases.reduce(UInt64(0)) { $0 &+ load.blocked[$1] }
        let unnamed = sample.blocked > named ? sample.blocked - named : 0
        let parts: [(value: UInt64, cell: Character)] =
            [(sample.onCPU, "█"), (sample.waking, "░"), (sample.runQueue, "▒")]
            + BlockedKind.allCases.map { kind in
                (load.blocked[kind] &+ (kind == .other ? unnamed : 0), kind.cell)
            }
        let drawn = Drawings.bar(parts, of: sample.alive, width: width)
        var line = StyledLine()
        for cell in drawn { line.add(String(cell), tone(of: cell)) }
        return line
    }

    private static func tone(of cell: Character) -> Tone {
        switch cell {
        case "█": .onCPU
        case "░", "▒": .runQueue
        default: BlockedKind.allCases.first { $0.cell == cell }.map { .blocked($0) } ?? .plain
        }
    }
}
