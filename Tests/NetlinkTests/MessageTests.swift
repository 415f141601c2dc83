import Testing

@testable import Netlink

/// Requests as they are sent, and answers as they come.
@Suite struct MessageTests {
    @Test func aRequestForAFamily() {
        let bytes = Family.request("TASKSTATS", sequence: 7)
        // Length, type, flags, sequence, port; command 3, version 1; attribute 2 of 14 bytes with its padding.
        let header: [UInt8] = [36, 0, 0, 0, 16, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 14, 0, 2, 0]
        #expect(bytes == header + Array("TASKSTATS".utf8) + [0, 0, 0])
    }

    private static func answer(type: UInt16, _ attributes: [UInt8]) -> [UInt8] {
        Message.request(type: type, command: 2, sequence: 3, attributes: attributes)
    }

    @Test func statisticsOfAThreadAreFoundAndSumsOfAProcessPassedOver() {
        let stats = Message.attribute(3, Fixture(version: 14).bytes)
        let thread = Message.attribute(4, Message.attribute(1, 4711) + stats)
        let process = Message.attribute(5, Message.attribute(2, 4710) + stats)
        let bytes = Self.answer(type: 31, process + thread) + Self.answer(type: 31, process)
        bytes.withUnsafeBytes { bytes in
            let messages = ReceivedMessage.all(in: bytes)
            #expect(messages.map { TaskstatsMessages.thread(in: $0)?.tid } == [4711, nil])
            #expect(messages.allSatisfy { $0.error == nil })
        }
    }

    @Test func errorsAreTold() {
        var bytes = Self.answer(type: Message.error, [])
        bytes.replaceSubrange(16..<20, with: [253, 255, 255, 255])
        bytes.withUnsafeBytes { #expect(ReceivedMessage.all(in: $0).first?.error == 3) }
    }

    @Test func whatIsCutShortEndsIt() {
        let whole = Self.answer(type: 31, Message.attribute(4, Message.attribute(1, 1)))
        for count in 0..<whole.count {
            Array(whole[..<count]).withUnsafeBytes { #expect(ReceivedMessage.all(in: $0).isEmpty) }
        }
        // An attribute that claims to be longer than its message.
        var lying = whole
        lying[20] = 255
        lying.withUnsafeBytes { bytes in
            for message in ReceivedMessage.all(in: bytes) {
                #expect(TaskstatsMessages.thread(in: message) == nil)
            }
        }
    }
}
