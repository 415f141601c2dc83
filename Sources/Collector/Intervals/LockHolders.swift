import Model

/// Who holds the locks that threads still wait for when a recording ends.
enum LockHolders {
    /// Reading one takes some 20 us, so only those that were waited for longest are looked at.
    private static let most = 256

    static func of(_ spells: [Interval], _ tasks: TaskTable, _ processes: any ProcessFactsSource)
        -> [HeldLock]
    {
        let waits = spells.filter { $0.waker.kind == .pending && $0.wait?.kind == .futex }
            .sorted { $0.woken - $0.left > $1.woken - $1.left }.prefix(most)
        return waits.compactMap { spell in
            let id = UInt32(spell.thread)
            guard let thread = tasks.threads[id], let pid = tasks.pid(ofThread: id),
                let owner = processes.lockOwner(pid: pid, tid: thread.version.tid)
            else { return nil }
            let holder = tasks.threads.values.first {
                $0.process == thread.process && $0.version.namespaceTID == owner
            }
            return holder.map {
                HeldLock(waiter: spell.thread, holder: $0.version.thread, resource: spell.wait?.resource ?? 0)
            }
        }
    }
}
