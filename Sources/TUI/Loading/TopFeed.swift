import Foundation
import Model
import Recording
import Synchronization

/// Reads a recording beside the thread that draws: snapshots as they are asked for, and a diagnosis every few seconds.
///
/// Both rest for a multiple of what they took, so a large recording makes them slower and never takes a CPU.
public final class TopFeed: Sendable {
    /// What to show.
    public struct Request: Sendable, Equatable {
        /// nil: the newest.
        public var moment: UInt64?
        /// In ticks.
        public var window: Int

        public init(moment: UInt64? = nil, window: Int = 3) { (self.moment, self.window) = (moment, window) }
    }

    private struct Shared {
        var request: Request
        var snapshot = TopSnapshot()
        var verdict: VerdictView?
        var failure: RecordingError?
        var isStopped = false
        var workers = 0
    }

    private let recording: Recording
    private let shared: Mutex<Shared>
    private let loaderPipe: WakePipe
    private let verdictPipe: WakePipe
    /// Readable when there is something new.
    let news: WakePipe
    private let interval: UInt64

    /// - Parameters:
    ///   - interval: ns between looks for new ticks.
    public init(_ recording: Recording, interval: UInt64, request: Request) throws(TerminalError) {
        self.recording = recording
        self.interval = interval
        shared = Mutex(Shared(request: request))
        loaderPipe = try WakePipe()
        verdictPipe = try WakePipe()
        news = try WakePipe()
    }

    public func start() {
        shared.withLock { $0.workers = 2 }
        Worker.start("snapshots") { self.loadSnapshots() }
        Worker.start("verdicts") { self.loadVerdicts() }
    }

    /// Ends its threads and waits until they have.
    public func stop() {
        shared.withLock { $0.isStopped = true }
        loaderPipe.wake()
        verdictPipe.wake()
        while shared.withLock({ $0.workers > 0 }) { news.wait(milliseconds: 100) }
    }

    /// A tick was stored.
    public func poke() { loaderPipe.wake() }

    public func ask(_ request: Request) {
        shared.withLock { $0.request = request }
        loaderPipe.wake()
        verdictPipe.wake()
    }

    /// The newest that was read.
    public var latest: (snapshot: TopSnapshot, verdict: VerdictView?) {
        shared.withLock { ($0.snapshot, $0.verdict) }
    }

    /// What keeps it from reading on, if anything does.
    public var failure: RecordingError? { shared.withLock { $0.failure } }

    private func loadSnapshots() {
        var loader = SnapshotLoader(recording)
        var loaded: Request?
        work { () throws(RecordingError) -> UInt64 in
            let hasNew = try loader.readTicks()
            let request = shared.withLock { $0.request }
            if loaded != request || (hasNew && request.moment == nil) {
                let snapshot = try loader.load(request.moment, window: request.window)
                shared.withLock { $0.snapshot = snapshot }
                loaded = request
                news.wake()
            } else {
                shared.withLock {
                    $0.snapshot.timeline = loader.timeline
                    $0.snapshot.isFinished = loader.isFinished
                }
            }
            return interval
        } pause: {
            loaderPipe.wait(milliseconds: $0)
        }
    }

    private func loadVerdicts() {
        var loaded: UInt64?
        work { () throws(RecordingError) -> UInt64 in
            let moment = shared.withLock { $0.snapshot.time }
            guard moment > 0, moment != loaded else { return Self.verdictPause / 4 }
            let verdict = try VerdictLoader.load(recording, until: moment)
            shared.withLock { $0.verdict = verdict }
            loaded = moment
            news.wake()
            return Self.verdictPause
        } pause: {
            verdictPipe.wait(milliseconds: $0)
        }
    }

    /// Nanoseconds between diagnoses, at least.
    private static let verdictPause: UInt64 = 2_000_000_000
    /// Of its time, a worker rests so many parts for one that it works.
    private static let rest: UInt64 = 9

    /// - Parameters:
    ///   - step: returns after how many ns to work again, unless something happens before.
    ///   - pause: waits so many milliseconds, or until something happens.
    private func work(
        _ step: () throws(RecordingError) -> UInt64, pause: (Int32) -> Void
    ) {
        while !shared.withLock({ $0.isStopped }) {
            let begin = DispatchTime.now().uptimeNanoseconds
            let wanted: UInt64
            do { wanted = try step() } catch {
                shared.withLock { $0.failure = error }
                break
            }
            let end = DispatchTime.now().uptimeNanoseconds
            // Even what was asked for has to wait until the rest is over, if reading takes long.
            let owed = min((end - begin) * Self.rest, 10_000_000_000)
            if owed > 50_000_000, !shared.withLock({ $0.isStopped }) { usleep(UInt32(owed / 1000)) }
            pause(Int32(clamping: max(wanted, 1_000_000) / 1_000_000))
        }
        shared.withLock { $0.workers -= 1 }
        news.wake()
    }
}
