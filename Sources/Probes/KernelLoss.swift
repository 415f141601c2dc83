import Model

/// What the kernel side counts when it cannot keep something; raw values as in `enum stall_loss`.
public enum KernelLoss: UInt32, CaseIterable, Sendable {
    case storage = 0, event, sample, wait, unsettled, resource, occupant, block, pmu, syscall, traffic, pages,
        connection, interval, async, stack, stackWait, race, limit

    /// What was lost.
    public var what: String {
        switch self {
        case .storage: "threads not tracked"
        case .event: "births, execs, renames and names of resources"
        case .sample: "last samples of ended threads"
        case .wait: "names of waits"
        case .unsettled: "ticks of busy threads"
        case .resource: "resources of waits"
        case .occupant: "occupants of run-queue time"
        case .block: "requests to block devices"
        case .pmu: "performance counts of threads"
        case .syscall: "system calls"
        case .traffic: "bytes through sockets and pipes"
        case .pages: "page cache events"
        case .connection: "segments that connections sent again"
        case .interval: Loss.spells
        case .async: "requests of io_uring or aio"
        case .stack: "call stacks"
        case .stackWait: "stacks of waits"
        case .limit: "threads untracked"
        case .race: "changes of threads' states"
        }
    }

    public var place: String {
        switch self {
        case .storage: "task storage"
        case .event, .sample: "event ring buffer"
        case .wait: "map of waits"
        case .unsettled: "task iterator"
        case .resource: "map of resources"
        case .occupant: "map of occupants"
        case .block: "maps of block requests"
        case .pmu: "maps of performance counts"
        case .syscall: "map of system calls"
        case .traffic: "map of sockets and pipes"
        case .pages: "maps of page cache events"
        case .connection: "map of connections"
        case .interval: "interval ring buffer"
        case .async: "maps of requests"
        case .stack: "map of stacks, or the event ring buffer"
        case .stackWait: "map of waits by stack"
        case .race: "state word"
        case .limit: "table of threads, which is full"
        }
    }

    public var advice: String {
        switch self {
        case .storage:
            "The kernel had no memory for a new thread's account; its time is missing."
        case .event:
            "The collector fell behind; raise --event-buffer. Names of new threads may be missing."
        case .sample:
            "The collector fell behind; raise --event-buffer. The last stretch of these threads is missing."
        case .wait:
            "Raise --wait-entries. The waits' time is kept and shown as unattributed."
        case .unsettled:
            "Nothing is missing: the tick's time is counted in the next."
        case .resource:
            "Raise --resource-entries. The waits' time is kept, without what they were for."
        case .occupant:
            "Raise --wait-entries. The run-queue time is kept and shown with an unknown occupant."
        case .block:
            "More threads used block devices in one interval than there is room for; lower --interval."
        case .pmu:
            "More threads ran in one interval than there is room for; raise --wait-entries."
        case .syscall, .traffic:
            "More threads made more kinds of calls in one interval than there is room for; raise --wait-entries, "
                + "or count fewer with --syscalls=LIST."
        case .pages:
            "Targets used more files in one interval than there is room for; lower --interval."
        case .connection:
            "More connections lost packets in one interval than there is room for; lower --interval."
        case .interval:
            "The collector fell behind; raise --interval-buffer. All sums are right; the time around is no slice of "
                + "which all spells are known."
        case .async:
            "More requests were under way, or of more threads and files in one interval, than there is room for; lower "
                + "--interval, or raise --wait-entries for aio. A call of aio is looked at up to its 1024th request."
        case .stack:
            "There were more distinct stacks than there is room for, or the collector fell behind: raise --event-buffer. "
                + "The waits are kept, with [lost] for a stack."
        case .limit:
            "As many threads were watched as --max-threads allows: raise it. The time of the others is missing."
        case .race:
            "Several CPUs changed one thread's state at once, and one of the changes was not noted. All time is counted, a "
                + "part of it perhaps under the state before."
        case .stackWait:
            "Threads waited in more distinct places in one interval than there is room for: raise --wait-entries. "
                + "What is in `waits` is complete all the same."
        }
    }
}
