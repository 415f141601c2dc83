/// Finding the number by which the kernel knows a family of generic netlink (linux/genetlink.h).
enum Family {
    /// GENL_ID_CTRL
    static let controller: UInt16 = 16
    private static let getFamily: UInt8 = 3
    private static let familyID: UInt16 = 1
    private static let familyName: UInt16 = 2

    static func request(_ name: String, sequence: UInt32) -> [UInt8] {
        Message.request(
            type: controller, command: getFamily, sequence: sequence,
            attributes: Message.attribute(familyName, name))
    }

    static func id(in message: ReceivedMessage) -> UInt16? {
        for attribute in message.attributes where attribute.type == familyID && attribute.payload.count >= 2 {
            return attribute.payload.loadUnaligned(as: UInt16.self)
        }
        return nil
    }
}
