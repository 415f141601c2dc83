import Model
import Recording

/// The spells in which a thread had been woken and waited longest for a CPU, of a recording of any length.
public struct LongestWakeups {
    /// The longest first.
    public var spells: [Interval]

    public init(in path: String, atMost count: Int) throws {
        let recording = try Recording.open(path)
        spells = []
        // A cursor holds some ticks at a time, so millions of spells are no trouble.
        var cursor = try recording.intervalCursor()
        while let spell = try cursor.next() {
            guard spell.wait != nil, spells.count < count || Self.delay(spell) > Self.delay(spells[count - 1])
            else { continue }
            let place = spells.firstIndex { Self.delay($0) < Self.delay(spell) } ?? spells.count
            spells.insert(spell, at: place)
            if spells.count > count { spells.removeLast() }
        }
    }

    /// Nanoseconds from being woken to being on a CPU.
    public static func delay(_ spell: Interval) -> UInt64 { spell.ran - spell.woken }
}
