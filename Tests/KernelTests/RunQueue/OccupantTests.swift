import Model

extension Observation {
    func occupants(ofTID tid: UInt32?) -> [OccupantSample] {
        let threads = threads
        return occupants.filter { threads[$0.thread]?.tid == tid }.map(\.occupant)
    }
}
