import Model
import Probes
import ProcFS

/// The block requests of the present tick.
struct BlockTable {
    private struct Key: Hashable {
        var device: UInt32
        var operation: RequestOperation
        var submitter: BlockSubmitter
    }

    private var samples: [Key: BlockSample] = [:]
    private var cgroups = CgroupIDs(controller: "blkio")

    mutating func handle(_ record: BlockRecord) {
        var sample = record.sample
        sample.submitter.cgroup = cgroups.path(of: record.cgroup)
        let key = Key(device: sample.device, operation: sample.operation, submitter: sample.submitter)
        guard let before = samples[key] else {
            samples[key] = sample
            return
        }
        samples[key] = before + sample
    }

    mutating func take() -> [BlockSample] {
        defer { samples.removeAll(keepingCapacity: true) }
        return samples.values.sorted { left, right in
            (left.device, left.operation.rawValue, left.submitter.tid)
                < (right.device, right.operation.rawValue, right.submitter.tid)
        }
    }
}
