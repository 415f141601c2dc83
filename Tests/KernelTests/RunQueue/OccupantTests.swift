import Model
import Testing

/// Who has the CPU while a thread is in the run queue.
@Suite(.needsKernel, .serialized) struct OccupantTests {
    /// Threads of one process on one CPU are kept waiting by one another.
    @Test(arguments: [2, 3]) func spinnersOnOneCPUNameEachOther(count: Int) throws {
        let program = try TestProgram("burner").path
        let seen = try Observation.of(
            path: "taskset", ["-c", "1", program, "\(count)", "400"], printsTruth: true)
        seen.expectTimeIsConserved()
        let tids = seen.truths.filter { $0.role == "burner" }.compactMap(\.tid)
        #expect(tids.count == count)
        for tid in tids {
            let held = seen.occupants(ofTID: tid)
            let others = tids.filter { $0 != tid }
            for other in others {
                let sample = try #require(
                    held.first { $0.occupant.tid == other }, "\(other) is not among them")
                #expect(sample.occupant.kind == .thread && sample.occupant.comm == "burner")
                #expect(sample.occupant.pid == seen.pid && sample.total > 0 && sample.count > 0)
            }
            #expect(!held.contains { $0.occupant.tid == tid }, "nobody waits for itself")
            #expect(!held.contains { $0.occupant.kind == .quota })
        }
    }
}

extension Observation {
    func occupants(ofTID tid: UInt32?) -> [OccupantSample] {
        let threads = threads
        return occupants.filter { threads[$0.thread]?.tid == tid }.map(\.occupant)
    }
}
