import Foundation

/// Starts a program, found in PATH, with these words, which begin with its name, and this environment.
///
/// A test runner may block or ignore signals that the program is to be sent, so it inherits neither.
/// - Parameter inOwnGroup: it leads a process group of its own.
public func spawn(
    _ words: [String], _ actions: inout posix_spawn_file_actions_t, inOwnGroup: Bool = false
) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let group = inOwnGroup ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

    var pointers = words.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, words[0], &actions, &attributes, pointers, environ)
    guard result == 0 else { throw CocoaError(.executableLoad, userInfo: ["errno": result]) }
    return pid
}
