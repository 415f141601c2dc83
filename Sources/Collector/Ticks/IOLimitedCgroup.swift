import Model
import ProcFS

/// A cgroup that may have limits for its requests to block devices.  The kernel does not count what they delay.
struct IOLimitedCgroup: CgroupMeter {
    private let path, directory: String
    private let isUnified: Bool
    private var limits: [CgroupIOSample] = []

    init(_ path: String, _ directory: String, _ isUnified: Bool) {
        (self.path, self.directory, self.isUnified) = (path, directory, isUnified)
        readLimit()
    }

    var hasLimit: Bool { !limits.isEmpty }

    mutating func readLimit() {
        func read(_ name: String) -> [UInt8] { HeldFile("\(directory)/\(name)")?.read() ?? [] }
        let found =
            isUnified
            ? CgroupCounters.ioLimits(parsingMax: read("io.max"))
            : CgroupCounters.ioLimits(
                parsingThrottle: ["rbps", "wbps", "riops", "wiops"].map {
                    (
                        $0,
                        read("blkio.throttle.\($0.first == "r" ? "read" : "write")_\($0.dropFirst())_device")
                    )
                })
        limits = found.map { limit in
            var sample = CgroupIOSample(cgroup: path, device: limit.device)
            (sample.readBytes, sample.writeBytes) = (limit.values["rbps"], limit.values["wbps"])
            (sample.readRequests, sample.writeRequests) = (limit.values["riops"], limit.values["wiops"])
            return sample
        }
    }

    func read() -> [CgroupIOSample]? { limits }
}
