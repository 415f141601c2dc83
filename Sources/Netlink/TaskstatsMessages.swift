/// Requests and answers of the family TASKSTATS (linux/taskstats.h).
enum TaskstatsMessages {
    static let family = "TASKSTATS"
    private static let get: UInt8 = 1

    // TASKSTATS_CMD_ATTR_*
    private static let ofThread: UInt16 = 1
    private static let register: UInt16 = 3
    // TASKSTATS_TYPE_*
    private static let statistics: UInt16 = 3
    private static let threadAndStatistics: UInt16 = 4

    static func thread(_ tid: UInt32, family: UInt16, sequence: UInt32) -> [UInt8] {
        request(Message.attribute(ofThread, tid), family, sequence)
    }

    /// - Parameter cpus: as in "0-3,8".
    static func exits(onCPUs cpus: String, family: UInt16, sequence: UInt32) -> [UInt8] {
        Message.request(
            type: family, command: get, flags: Message.acknowledged, sequence: sequence,
            attributes: Message.attribute(register, cpus))
    }

    /// Those of one thread in a message.  The sums over a process, which the last of several threads brings too, are
    /// left out: they are the threads' own.
    static func thread(in message: ReceivedMessage) -> TaskStatistics? {
        for outer in message.attributes where outer.type == threadAndStatistics {
            for inner in Attributes(outer.payload) where inner.type == statistics {
                return TaskStatistics(inner.payload)
            }
        }
        return nil
    }

    private static func request(_ attributes: [UInt8], _ family: UInt16, _ sequence: UInt32) -> [UInt8] {
        Message.request(type: family, command: get, sequence: sequence, attributes: attributes)
    }
}
