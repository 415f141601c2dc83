import Recording

/// Which files were used through the page cache, as a table.
enum PageCacheTable {
    static func of(_ totals: some Sequence<PageCacheTotal>) -> TextTable {
        var table = TextTable(
            [
                ("FILE", .left), ("USED BY", .left), ("LOOK-UPS", .right), ("HITS", .right),
                ("MISSES", .right), ("READ AHEAD", .right), ("DIRTIED", .right), ("WRITTEN", .right),
                ("EVICTED", .right), ("CACHED", .right),
            ], widest: 48)
        for total in totals {
            table.add([
                total.file ?? "?", total.pid.map { "\(total.comm ?? "?")/\($0)" } ?? "others",
                count(total.lookups), ratio(total), count(total.misses),
                // Where the two cannot be told apart, all that was read in.
                total.readAhead.map(count) ?? "\(count(total.readIn)) in all",
                count(total.dirtied), count(total.written), count(total.evicted), residency(total),
            ])
        }
        return table
    }

    private static func count(_ pages: UInt64?) -> String {
        guard let pages else { return "?" }
        return pages == 0 ? "" : Units.count(pages)
    }

    private static func ratio(_ total: PageCacheTotal) -> String {
        guard let lookups = total.lookups, lookups > 0, let hits = total.hits else { return "" }
        return Units.percent(hits, of: lookups)
    }

    /// Bytes of whole pages, of which the last may be only partly the file's.
    private static func residency(_ total: PageCacheTotal) -> String {
        guard let cached = total.cachedPages, let size = total.size else { return "" }
        return "\(Units.bytes(min(cached * 4096, size))) of \(Units.bytes(size))"
    }
}
