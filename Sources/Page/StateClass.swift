import Model

/// What a thread is doing, as the page colours it.  Raw values are indices that `states.js` knows too.
enum StateClass: Int, CaseIterable {
    case onCPU = 0, runQueue, lock, disk, peer, memory, event, sleep, other

    /// The class of a blocked thread.
    /// - Parameter kind: ``WaitKind/name``.
    init(kind: String, device: String?) {
        self =
            switch kind {
            case "futex", "kernel_lock": .lock
            case "reclaim", "group_reclaim", "compaction", "swap_in", "thrashing": .memory
            case _ where device != nil: .disk
            case "file_read", "file_write", "fsync", "page_fault", "file", "io_uring", "aio": .disk
            case "pipe", "unix", "inet", "accept", "connect": .peer
            case "epoll", "poll", "event": .event
            case "sleep": .sleep
            default: .other
            }
    }
}
