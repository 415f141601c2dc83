import Glibc

extension ProcTree {
    /// This process and the `sudo` (or like) that it was started through, which a recording leaves out.
    ///
    /// sudo runs a command below one or two processes of its own, depending on `use_pty`.
    public func collectorPIDs(own: UInt32 = UInt32(getpid())) -> Set<UInt32> {
        var found: Set<UInt32> = [own]
        var current = own
        while let parent = stat(current)?.parentPID, parent > 1, let stat = stat(parent),
            ["sudo", "doas", "pkexec"].contains(stat.comm), found.insert(parent).inserted
        {
            current = parent
        }
        return found
    }
}
