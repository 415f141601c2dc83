import Testing

@testable import ProcFS

/// The kernel's counters of the host and of limits, in text.
@Suite struct CounterTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func cpus() {
        let text = """
            cpu  30 3 6 60 9 12 15 18 0 0
            cpu0 10 1 2 20 3 4 5 6 7 8
            cpu11 20 2 4 40 6 8 10 12 0 0
            intr 12345 0 9
            ctxt 99
            """
        let cpus = HostCounters.cpus(parsing: bytes(text))
        #expect(cpus.map(\.cpu) == [0, 11])
        #expect(
            cpus.first
                == HostCounters.CPU(
                    cpu: 0, user: 10, nice: 1, system: 2, idle: 20, ioWait: 3, irq: 4, softirq: 5, steal: 6))
        #expect(HostCounters.cpus(parsing: bytes("cpu0 1 2\n")).isEmpty)
    }

    @Test func loadAndRunQueue() throws {
        let load = try #require(HostCounters.load(parsing: bytes("0.39 0.43 0.78 3/99 21622\n")))
        #expect(load == (390, 3, 99))
        #expect(HostCounters.load(parsing: bytes("nan 0 0 1/2 3\n")) == nil)
        #expect(HostCounters.load(parsing: []) == nil)
        let text = """
            version 17
            timestamp 4295000000
            cpu0 0 0 0 0 0 0 1000 250 77
            domain0 MC 3 1 2 3 4 5 6 7 8 9
            cpu1 0 0 0 0 0 0 2000 50 77
            """
        #expect(HostCounters.waited(parsing: bytes(text)) == 300)
        #expect(HostCounters.waited(parsing: bytes("version 17\n")) == nil)
    }

    @Test func disksThatDidSomething() {
        let text = """
             254       0 vda 10 1 80 5 20 2 160 6 3 70 11 0 0 0 0 0 0
               7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
            """
        #expect(
            HostCounters.disks(parsing: bytes(text)) == [
                HostCounters.Disk(
                    name: "vda", reads: 10, readSectors: 80, writes: 20, writtenSectors: 160, inFlight: 3,
                    busy: 70,
                    queued: 11)
            ])
    }

    @Test func throttlingOfBothVersions() {
        let first = "nr_periods 40\nnr_throttled 12\nthrottled_time 1500\nnr_bursts 0\nburst_time 0\n"
        let second = "usage_usec 7\nnr_periods 40\nnr_throttled 12\nthrottled_usec 3\n"
        #expect(
            CgroupCounters.throttling(parsing: bytes(first))
                == CgroupCounters.Throttling(periods: 40, throttledPeriods: 12, throttled: 1500))
        #expect(CgroupCounters.throttling(parsing: bytes(second))?.throttled == 3000)
        // The controller is not enabled: only times are told.
        #expect(CgroupCounters.throttling(parsing: bytes("usage_usec 7\n")) == nil)
        #expect(CgroupCounters.quota(parsingMax: bytes("20000 100000\n")) ?? (0, 0) == (20_000, 100_000))
        #expect(CgroupCounters.quota(parsingMax: bytes("max 100000\n")) == nil)
    }

    @Test func limitsAndEventsOfMemory() {
        #expect(CgroupCounters.limit(parsing: bytes("16777216\n")) == 16 << 20)
        for none in ["max\n", "9223372036854771712\n", "-1\n", ""] {
            #expect(CgroupCounters.limit(parsing: bytes(none)) == nil)
        }
        var events = CgroupCounters.MemoryEvents()
        (events.max, events.high, events.oomKills) = (4, 3, 1)
        #expect(CgroupCounters.events(parsing: bytes("low 0\nhigh 3\nmax 4\noom 2\noom_kill 1\n")) == events)
        let first = """
            workingset_refault_anon 1
            workingset_refault_file 2
            total_workingset_refault_anon 10
            total_workingset_refault_file 20
            total_swap 4096
            """
        #expect(CgroupCounters.memory(parsingStat: bytes(first)) == (30, 4096))
        let second = "workingset_refault_anon 5\nworkingset_refault_file 6\n"
        #expect(CgroupCounters.memory(parsingStat: bytes(second)).refaults == 11)
        #expect(CgroupCounters.memory(parsingStat: bytes(second)).swap == nil)
    }

    @Test func networkCountersHaveTheirProtocolsNames() {
        let snmp = """
            Ip: Forwarding DefaultTTL InDiscards
            Ip: 1 64 2
            Tcp: MaxConn OutSegs RetransSegs
            Tcp: -1 100 7
            """
        let netstat = "TcpExt: ListenOverflows TCPTimeouts\nTcpExt: 3 4\n"
        let counters = NetworkCounters(parsing: [bytes(snmp), bytes(netstat)])
        #expect(counters["Tcp.RetransSegs"] == 7 && counters["Tcp.OutSegs"] == 100)
        #expect(counters["TcpExt.ListenOverflows"] == 3 && counters["Ip.InDiscards"] == 2)
        #expect(counters["Tcp.MaxConn"] == 0 && counters["Udp.RcvbufErrors"] == 0)
        #expect(NetworkCounters(parsing: []).isEmpty)
    }
}
