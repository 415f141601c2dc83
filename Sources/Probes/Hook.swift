/// A program of the kernel plane, and the tracepoint that it runs at.
public struct Hook: Sendable {
    public var program: String
    public var tracepoint: String
    /// What cannot be told on a kernel without it; nil if nothing works without it.
    public var missing: String?

    /// What it misses while it runs itself is nothing: a thread that is noting a lock meets no other lock that it
    /// would sleep for, only spin locks of the kernel's map of threads.
    var mayMiss: Bool { tracepoint.hasPrefix("contention_") }

    /// What its events tell of: the states of threads, what they wait for, or what is counted beside.
    public enum Subject: CaseIterable, Sendable {
        case states, waits, block, pageCache, syscalls, rings, stacks, counters
    }

    var subject: Subject {
        let subjects: [(Subject, [Hook])] = [
            (.block, Self.block), (.pageCache, Self.pageCache), (.syscalls, Self.syscalls),
            (.rings, Self.rings),
            (.stacks, Self.stacks), (.counters, [Self.pmu]),
        ]
        // Where those of the scheduler run, interrupts are off, or bring no event of the same kind.
        let isOfScheduler = tracepoint.hasPrefix("sched_") || tracepoint.hasPrefix("task_")
        return subjects.first { $0.1.contains { $0.program == program } }?.0
            ?? (isOfScheduler ? .states : .waits)
    }

    /// The program that tells the same on other kernels.
    var otherwise: String?

    init(_ program: String, _ tracepoint: String, missing: String? = nil, otherwise: String? = nil) {
        self.program = program
        self.tracepoint = tracepoint
        self.missing = missing
        self.otherwise = otherwise
    }

    /// In the order in which they are attached: what follows a thread before what makes threads.
    public static let all =
        [
            pmu,
            Hook("on_switch", "sched_switch"),
            Hook("on_waking", "sched_waking"),
            Hook("on_wakeup", "sched_wakeup"),
            Hook("on_hrtimer", "hrtimer_expire_entry", missing: timers),
            Hook("on_hrtimer_done", "hrtimer_expire_exit", missing: timers),
            Hook("on_timer", "timer_expire_entry", missing: timers),
            Hook("on_timer_done", "timer_expire_exit", missing: timers),
            Hook(
                ready, "sk_data_ready",
                missing:
                    "which of several sockets ended a wait in poll or select, if data came from another machine"
            ),
            Hook("on_bio", "block_bio_queue", missing: "the block devices that threads wait for"),
            Hook("on_file_fault", "mm_filemap_fault", missing: "the files that page faults read"),
            Hook("on_contention", "contention_begin", missing: locks),
            Hook("on_contention_end", "contention_end", missing: locks),
            Hook("on_reclaim", "mm_vmscan_direct_reclaim_begin", missing: reclaim),
            Hook("on_reclaim_end", "mm_vmscan_direct_reclaim_end", missing: reclaim),
            Hook("on_group_reclaim", "mm_vmscan_memcg_reclaim_begin", missing: reclaim),
            Hook("on_group_reclaim_end", "mm_vmscan_memcg_reclaim_end", missing: reclaim),
            Hook("on_compaction", "mm_compaction_begin", missing: compaction),
            Hook("on_compaction_end", "mm_compaction_end", missing: compaction),
            Hook(
                "on_retransmit", "tcp_retransmit_skb",
                missing: "which of the targets' connections had to send packets again"),
            Hook("on_ring_create", "io_uring_create", missing: ringBirths),
            Hook(
                "on_new_task", "task_newtask", missing: "threads that the kernel makes for a process's rings"),
            Hook("on_rename", "task_rename"),
            Hook("on_cgroup_move", "cgroup_attach_task"),
            endpoints,
            Hook("on_exec", "sched_process_exec"),
            Hook("on_fork", "sched_process_fork"),
        ] + block + syscalls + pageCache + rings + stacks

    /// Left out when requests to block devices are not to be counted.  The end of a request comes before its
    /// beginning here, so that none is met whose end is missed.
    static let block = [
        Hook("on_complete", "block_rq_complete", missing: requests),
        Hook("on_request_merge", "block_rq_merge", missing: requests),
        Hook("on_back_merge", "block_bio_backmerge", missing: merges),
        Hook("on_front_merge", "block_bio_frontmerge", missing: merges),
        Hook("on_issue", "block_rq_issue", missing: requests),
        Hook("on_insert", "block_rq_insert", missing: requests),
        Hook(
            "on_io_start", "block_io_start", missing: "how long requests to block devices wait to be queued"),
    ]

    /// Left out unless performance counters are asked for.  Before `on_switch`, which takes an ended thread's id.
    static let pmu = Hook("on_pmu_switch", "sched_switch")

    /// Left out unless stacks are taken.  After `on_switch` and `on_waking`, on whose findings they rest.
    static let stacks = [
        Hook("on_stack_waking", "sched_waking"), Hook("on_stack_switch", "sched_switch"),
    ]

    /// Left out unless system calls are counted.  A call that was under way when they were attached is not counted.
    static let syscalls = [
        Hook("on_return", "sys_exit", missing: calls),
        Hook("on_call", "sys_enter", missing: calls),
    ]

    /// Attached when a target has a ring, and left out when their requests are not to be counted.  The end of a request
    /// comes before its beginning.
    static let rings = [
        Hook("on_ring_complete", "io_uring_complete", missing: ringRequests),
        Hook(
            "on_ring_worker", "io_uring_queue_async_work",
            missing: "which requests of io_uring are handed to its workers"),
        Hook(
            "on_ring_poll", "io_uring_poll_arm",
            missing: "which requests of io_uring wait until their files are ready"),
        Hook(
            "on_ring_submit", "io_uring_submit_req", missing: ringRequests, otherwise: "on_ring_submit_entry"),
        Hook(
            "on_ring_submit_entry", "io_uring_submit_sqe", missing: ringRequests, otherwise: "on_ring_submit"),
    ]

    /// What reads and page faults ask the page cache for.
    static let pageLookups = [
        Hook("on_page_lookup", "mm_filemap_get_pages", missing: lookups),
        Hook("on_page_map", "mm_filemap_map_pages", missing: lookups),
        Hook("on_page_fault", "mm_filemap_fault", missing: lookups),
    ]

    /// Left out unless the page cache is watched.
    static let pageCache =
        pageLookups + [
            Hook(
                "on_page_added", "mm_filemap_add_to_page_cache", missing: "what is read into the page cache"),
            Hook(
                "on_page_deleted", "mm_filemap_delete_from_page_cache",
                missing: "evictions from the page cache"),
            Hook("on_page_dirtied", "writeback_dirty_folio", missing: "pages that are made dirty"),
            Hook("on_page_written", "block_bio_queue", missing: "pages that are written back"),
        ]

    /// Attached only while it is needed.
    static let ready = "on_data_ready"

    /// Left out unless endpoints are watched.
    static let endpoints = Hook(
        "on_socket_state", "inet_sock_set_state",
        missing: "who begins to use the endpoints that are watched")
    private static let timers = "which waits were ended by a timer"
    private static let locks = "waits for locks within the kernel"
    private static let requests = "requests to block devices"
    static let ringRequests = "requests of io_uring"
    private static let ringBirths = "that a target makes a ring of io_uring, until it waits for it"
    private static let lookups =
        "which pages of files are asked for, and so hits and misses of the page cache"
    private static let merges = "how many blocks became part of a request that was there already"
    private static let calls = "system calls (--syscalls)"
    private static let compaction = "waits for free memory to be put in one piece"
    private static let reclaim = "waits for memory to be freed"
}
