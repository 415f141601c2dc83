import Model
import Render

/// The longest waits of the threads that are listed, with what they are for and who ends them.
enum WaitLines {
    private static let share = 7

    static func lines(_ threads: [ThreadView], width: Int, most: Int) -> [StyledLine] {
        guard most > 1 else { return [] }
        let (name, mean, waker) = width >= 100 ? (22, 10, 26) : (18, 9, 18)
        let subject = max(16, width - name - share - mean - waker)
        var heading = StyledLine()
        heading.add("TOP WAITS", .heading, width: name)
        heading.add("SHARE", .heading, width: share, isRight: true)
        heading.add("MEAN", .heading, width: mean, isRight: true)
        heading.add("  FOR", .heading, width: subject)
        heading.add("  ENDED BY", .heading)
        let waits = threads.flatMap { thread in thread.waits.map { (thread, $0) } }
            // A thread of the kernel's that waits for work serves whoever comes.
            .filter { !$0.1.subject.hasPrefix(WaitKind.kernelThread.name) }
            .sorted { left, right in
                // Threads that nobody needed would fill it with their one long wait each.
                let ran = (left.0.hasRun, right.0.hasRun)
                if ran.0 != ran.1 { return ran.0 }
                return (right.1.total, left.0.tid) < (left.1.total, right.0.tid)
            }
        return [heading]
            + waits.prefix(most - 1).map { thread, wait in
                var line = StyledLine()
                line.add("\(thread.comm)/\(thread.tid)", width: name)
                line.add(
                    ListColumns.percent(wait.total, of: thread.sample.alive), .blocked(wait.kind),
                    width: share,
                    isRight: true)
                line.add(
                    wait.count == 0 ? "" : Units.duration(wait.total / wait.count), width: mean, isRight: true
                )
                line.add("  " + wait.subject, width: subject)
                line.add("  " + wait.waker)
                return line
            }
    }
}
