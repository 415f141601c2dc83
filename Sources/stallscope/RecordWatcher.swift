import Collector
import Logging

/// Whoever watches a recording from within the process that makes it.  All is called on the recording's thread.
protocol RecordWatcher: AnyObject {
    /// Where to say what cannot be recorded.
    var logger: Logger { get }
    /// The file is there: from now on an end is an orderly one.
    func created()
    /// The targets are watched.
    /// - Parameter path: of the file, as it was asked for.
    func began(_ path: String)
    /// A tick is stored.
    func show(_ progress: RecorderProgress)
    /// Whether the recording is to end.
    var isStopping: Bool { get }
    /// The recording ended in order.
    /// - Parameters:
    ///   - path: of the file, absolute.
    ///   - name: of the file, as it was asked for.
    func finished(_ path: String, calledAs name: String)
    /// It did not, and what ended it is told after this.
    func failed()
}
