import CCapability
import Glibc
import Logging
import ProcFS
import SystemPackage

/// What `record` may still do once its programs are attached.
///
/// It goes on to read names, paths, symbols and events that other processes made.  Whoever should get it to do more than
/// that is to find it without the means.  docs/security.md says what each capability is for.
struct KeptPrivileges {
    /// Attaching what is asked for later, reading other users' processes, and the kernel's own symbols.
    private(set) var capabilities: Set<cap_value_t> = [
        CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SYSLOG,
    ]

    /// The command that was started may run as another user and still has to be ended.
    mutating func keepForCommand() { capabilities.insert(CAP_KILL) }

    /// The kernel asks for it at each request.
    mutating func keepForTaskstats() { capabilities.insert(CAP_NET_ADMIN) }

    /// kernel.task_delayacct is to be set back at the end.
    mutating func keepForDelayAccounting() { capabilities.insert(CAP_SYS_ADMIN) }

    /// cachestat(2) tells of a file what its owner may know.
    mutating func keepForPageCache() { capabilities.insert(CAP_FOWNER) }

    /// A recording that is put back where it was removed is to belong to whoever ran sudo, and to be written all the same.
    mutating func keepForOwner() { capabilities.formUnion([CAP_CHOWN, CAP_DAC_OVERRIDE]) }

    /// Gives up everything else, for good.
    ///
    /// Linux keeps capabilities for each thread: this is to be called before there is a second one.
    ///
    /// - Parameter directory: where files are still to be made; in one that is not writable for this user, the means to
    ///   do that stay.
    /// - Throws: what the kernel said; then nothing has been given up, or only a part.
    func apply(writingIn directory: String) throws(Errno) {
        guard let before = cap_get_proc() else { throw Errno(rawValue: errno) }
        defer { cap_free(UnsafeMutableRawPointer(before)) }
        var kept = capabilities.filter { Self.has($0, CAP_PERMITTED, before) }
        // What is in force decides about the directory; what is permitted can still be brought into force.
        try Self.set(permitted: Self.all(CAP_PERMITTED, before), effective: kept)
        if faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) != 0,
            Self.has(CAP_DAC_OVERRIDE, CAP_PERMITTED, before)
        {
            kept.insert(CAP_DAC_OVERRIDE)
        }
        try Self.set(permitted: kept, effective: kept)
        try Self.check(cap_reset_ambient())
        try Self.check(gain_no_privileges())
    }

    private static func all(_ flag: cap_flag_t, _ state: cap_t) -> Set<cap_value_t> {
        Set((0...CAP_LAST_CAP).filter { has($0, flag, state) })
    }

    private static func has(_ capability: cap_value_t, _ flag: cap_flag_t, _ state: cap_t) -> Bool {
        var value = CAP_CLEAR
        return cap_get_flag(state, capability, flag, &value) == 0 && value == CAP_SET
    }

    private static func set(permitted: Set<cap_value_t>, effective: Set<cap_value_t>) throws(Errno) {
        guard let state = cap_init() else { throw Errno(rawValue: errno) }
        defer { cap_free(UnsafeMutableRawPointer(state)) }
        for (flag, values) in [(CAP_PERMITTED, permitted), (CAP_EFFECTIVE, effective)] {
            let list = Array(values)
            try check(cap_set_flag(state, flag, Int32(list.count), list, CAP_SET))
        }
        try check(cap_set_proc(state))
    }

    private static func check(_ result: Int32) throws(Errno) {
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}

extension Record {
    /// - Parameter directory: that of the recording.
    func giveUpPrivileges(writingIn directory: FilePath, _ logger: Logger) {
        // A live `top` records beside its screen, in one of several threads.
        guard ProcTree().tids(of: UInt32(getpid())).count == 1 else {
            return logger.debug("privileges are kept, because this process has several threads")
        }
        var kept = KeptPrivileges()
        if !command.isEmpty { kept.keepForCommand() }
        if taskstats { kept.keepForTaskstats() }
        if enableDelayacct { kept.keepForDelayAccounting() }
        if pageCache { kept.keepForPageCache() }
        if getenv("SUDO_UID") != nil { kept.keepForOwner() }
        do { try kept.apply(writingIn: directory.string) } catch {
            logger.notice("privileges that are not needed any more could not be given up: \(error)")
        }
    }
}
