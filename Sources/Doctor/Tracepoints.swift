import BPF
import Model

/// Tracepoints that tell more about waits than the scheduler does.  Those that recording cannot do without
/// are tried by loading the programs.
struct Tracepoint {
    var name: String
    var neededFor: String
    /// Its name in older kernels.
    var formerly: String?
    /// What tells a part of it on kernels that do not have this one.
    var substitute: String?

    static let optional = [
        Tracepoint("sk_data_ready", "which socket's data ended a wait"),
        Tracepoint("inet_sock_set_state", "connections as they come and go"),
        Tracepoint("tcp_retransmit_skb", "which connections had to send packets again"),
        Tracepoint("mm_vmscan_memcg_reclaim_begin", "waits for memory within the limit of a cgroup"),
        Tracepoint("mm_compaction_begin", "waits for free memory in one piece"),
        Tracepoint("block_io_start", "what a block device is asked to do", substitute: "block_rq_issue"),
        Tracepoint("block_io_done", "which I/O's end ended a wait", substitute: "block_rq_complete"),
        Tracepoint("block_rq_issue", "time in the device, without that in its queue"),
        Tracepoint("block_rq_complete", "time in the device, without that in its queue"),
        Tracepoint("sys_enter", "counting system calls (record --syscalls)"),
        Tracepoint("sys_exit", "counting system calls (record --syscalls)"),
        Tracepoint("mm_filemap_get_pages", "reads that the page cache answers (--page-cache)"),
        Tracepoint(
            "mm_filemap_fault", "page faults that the page cache answers, and the files that they read"),
        Tracepoint("mm_filemap_add_to_page_cache", "what is read into the page cache (--page-cache)"),
        Tracepoint("mm_filemap_delete_from_page_cache", "evictions from the page cache (--page-cache)"),
        Tracepoint("writeback_dirty_folio", "pages of files that are made dirty (--page-cache)"),
        Tracepoint("io_uring_submit_req", "requests of io_uring", formerly: "io_uring_submit_sqe"),
        Tracepoint("io_uring_complete", "requests of io_uring"),
        Tracepoint("io_uring_queue_async_work", "which requests of io_uring are handed to its workers"),
        Tracepoint("io_uring_poll_arm", "which requests of io_uring wait until their files are ready"),
        Tracepoint("io_uring_create", "rings of io_uring as they are made"),
        Tracepoint("task_newtask", "threads that the kernel makes for rings of io_uring"),
        Tracepoint("contention_begin", "which of the kernel's own locks a thread waits for"),
        Tracepoint("hrtimer_expire_entry", "which timer ended a wait"),
    ]

    init(_ name: String, _ neededFor: String, formerly: String? = nil, substitute: String? = nil) {
        self.name = name
        self.neededFor = neededFor
        self.formerly = formerly
        self.substitute = substitute
    }

    /// - Parameter isThere: whether the kernel has a tracepoint of this name.
    func check(_ isThere: (String) -> Bool) -> HostCheck {
        if isThere(name) { return HostCheck("tracepoint \(name)", .available, neededFor: neededFor) }
        if let formerly, isThere(formerly) {
            return HostCheck(
                "tracepoint \(name)", .available, detail: "here it is \(formerly)", neededFor: neededFor)
        }
        if let substitute, isThere(substitute) {
            return HostCheck(
                "tracepoint \(name)", .unavailable,
                detail: "this kernel has \(substitute), which tells less", neededFor: neededFor)
        }
        return HostCheck(
            "tracepoint \(name)", .unavailable, detail: "this kernel does not have it",
            neededFor: neededFor, remedy: "Linux 6.12 has it, with the subsystem that it belongs to.")
    }
}
