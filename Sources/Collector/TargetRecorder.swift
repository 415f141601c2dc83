/// Records targets until told to stop, whatever it knows of them.
public protocol TargetRecorder: AnyObject {
    /// Makes processes targets, with the reasons that the recording gives for them.
    func add(_ targets: [(pid: UInt32, reason: String)]) throws
    func addAll() throws
    /// The command that `start` starts becomes a target.
    func spawn(_ start: () throws -> Command) throws -> Command
    /// Records until the duration is over, the last target has ended, or `shouldStop` says so.
    ///
    /// - Parameter ready: called once, when nothing but what goes on from tick to tick is left to do.
    func run(ready: () -> Void, shouldStop: () -> Bool) throws
    /// Called at the end of every tick.
    var onProgress: ((RecorderProgress) -> Void)? { get set }
}

extension Recorder: TargetRecorder {
    public func spawn(_ start: () throws -> Command) throws -> Command { try spawning(start) }
}
