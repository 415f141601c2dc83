import Model
import Recording

/// `host` in a report's JSON.
struct HostPart: Encodable {
    struct CPU: Encodable {
        var cpu: UInt32
        var userNs, systemNs, iowaitNs, irqNs, softirqNs, stealNs, idleNs: UInt64
    }
    struct Device: Encodable {
        var device: String
        var reads, writes, readBytes, writtenBytes, busyNs, queuedNs, inFlight: UInt64
    }
    struct CgroupCPU: Encodable {
        var cgroup: String
        var periods, throttledPeriods, throttledNs, quotaUs, periodUs: UInt64
    }
    struct CgroupMemory: Encodable {
        var cgroup: String
        var currentBytes, swapBytes: UInt64
        var maxBytes, highBytes: UInt64?
        var maxEvents, highEvents, oomKills, refaults: UInt64
    }
    struct Network: Encodable {
        var netNamespace: UInt32
        var segments, retransmits, timeouts, drops, listenOverflows, listenDrops: UInt64
    }
    struct Connection: Encodable {
        var resourceId: Int64
        var resource: String?
        var retransmits, retransmitsEver, lostEver, dropsEver, roundTripNs, windowSegments: UInt64
    }

    var durationNs: UInt64
    var runnable, load: Double?
    var waitedNs: UInt64?
    var cpus: [CPU]
    var devices: [Device]
    var cgroupCpu: [CgroupCPU]
    var cgroupMemory: [CgroupMemory]
    var network: [Network]
    var connections: [Connection]

    init(_ totals: HostTotals, top: Int) {
        (durationNs, runnable, load, waitedNs) = (
            totals.duration, totals.runnable, totals.load, totals.waited
        )
        cpus = totals.cpus.map {
            CPU(
                cpu: $0.cpu, userNs: $0.user, systemNs: $0.system, iowaitNs: $0.ioWait, irqNs: $0.irq,
                softirqNs: $0.softirq, stealNs: $0.steal, idleNs: $0.idle)
        }
        devices = totals.devices.map {
            Device(
                device: $0.device, reads: $0.reads, writes: $0.writes, readBytes: $0.readBytes,
                writtenBytes: $0.writtenBytes, busyNs: $0.busy, queuedNs: $0.queued, inFlight: $0.inFlight)
        }
        cgroupCpu = totals.cgroupCPU.map {
            CgroupCPU(
                cgroup: $0.cgroup, periods: $0.periods, throttledPeriods: $0.throttledPeriods,
                throttledNs: $0.throttled, quotaUs: $0.quota, periodUs: $0.period)
        }
        cgroupMemory = totals.cgroupMemory.map {
            CgroupMemory(
                cgroup: $0.cgroup, currentBytes: $0.current, swapBytes: $0.swap, maxBytes: $0.max,
                highBytes: $0.high, maxEvents: $0.maxEvents, highEvents: $0.highEvents, oomKills: $0.oomKills,
                refaults: $0.refaults)
        }
        network = totals.network.map {
            Network(
                netNamespace: $0.namespace, segments: $0.segments, retransmits: $0.retransmits,
                timeouts: $0.timeouts, drops: $0.drops, listenOverflows: $0.listenOverflows,
                listenDrops: $0.listenDrops)
        }
        connections = totals.connections.prefix(top).map { name, sample in
            Connection(
                resourceId: sample.resource, resource: name, retransmits: sample.retransmits,
                retransmitsEver: sample.retransmitsEver, lostEver: sample.lostEver,
                dropsEver: sample.dropsEver, roundTripNs: sample.roundTrip, windowSegments: sample.window)
        }
    }
}
