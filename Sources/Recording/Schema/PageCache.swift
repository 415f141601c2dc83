/// Tables and views of the page cache; since format 2.
enum PageCacheSchema {
    static let all = """
        CREATE TABLE page_cache_samples (
            tick INTEGER NOT NULL,
            file INTEGER NOT NULL,
            pid INTEGER NOT NULL,
            comm TEXT NOT NULL,
            lookups INTEGER,
            misses INTEGER,
            read_in INTEGER NOT NULL,
            dirtied INTEGER NOT NULL,
            written INTEGER NOT NULL,
            evicted INTEGER NOT NULL,
            PRIMARY KEY (tick, file, pid)) WITHOUT ROWID;
        CREATE TABLE residency_samples (
            tick INTEGER NOT NULL, file INTEGER NOT NULL, size INTEGER NOT NULL, cached INTEGER NOT NULL,
            dirty INTEGER NOT NULL, under_write_back INTEGER NOT NULL,
            PRIMARY KEY (tick, file)) WITHOUT ROWID;

        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('page_cache_samples', 'page_cache_samples', '200000 60 2 1'),
            ('residency_samples', 'residency_samples', '100000 30 1');

        CREATE VIEW page_cache AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, nullif(r.pid, 0) AS pid, nullif(r.comm, '') AS comm,
            r.file AS resource_id, f.name AS file, r.lookups AS lookups,
            max(r.lookups - r.misses, 0) AS hits, r.misses AS misses, r.read_in AS read_in,
            max(r.read_in - r.misses, 0) AS read_ahead, r.dirtied AS dirtied, r.written AS written,
            r.evicted AS evicted,
            max(r.lookups - r.misses, 0) * 1.0 / nullif(r.lookups, 0) AS hit_ratio
        FROM ticks t JOIN page_cache_samples r ON r.tick = t.tick
        LEFT JOIN resource_rows f ON f.id = r.file;

        CREATE VIEW file_residency AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, r.file AS resource_id, f.name AS file, r.size AS size,
            r.cached AS cached_pages, r.dirty AS dirty_pages, r.under_write_back AS write_back_pages
        FROM ticks t JOIN residency_samples r ON r.tick = t.tick
        LEFT JOIN resource_rows f ON f.id = r.file;
        """
}
