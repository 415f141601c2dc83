import Testing

@testable import ProcFS

@Suite struct LockOwnerTests {
    @Test(arguments: [
        ("0x7ffe10 0x80 0x2 0x0 0x0 0x0 0x7ffd 0x7f11", UInt64(0x7ffe10), false),
        ("0x55 0x189 0x0 0x0 0x0 0xffffffff 0x7ffd 0x7f11\n", 0x55, false),
        ("0x55 0x86 0x0 0x0 0x0 0x0 0x7ffd 0x7f11", 0x55, true),
    ])
    func aSleepForALockIsToldByItsCall(rest: String, address: UInt64, inherits: Bool) {
        let wait = LockOwner.Wait(parsing: Array("\(LockOwner.futexCall) \(rest)".utf8))
        #expect(wait == LockOwner.Wait(address: address, inherits: inherits))
    }

    @Test(arguments: [
        "running", "", "0 0x3 0x7f 0x10 0x0 0x0 0x0 0x7f 0x7f", "-1 0x7f 0x7f", "202 0x7f",
        "202 0x7f 0x81 0x1",
    ])
    func othersAreNot(line: String) { #expect(LockOwner.Wait(parsing: Array(line.utf8)) == nil) }

    @Test func theOwnerIsWhereTheKindOfLockHasIt() {
        let mutex = LockOwner.Wait(address: 8, inherits: false)
        let inheriting = LockOwner.Wait(address: 8, inherits: true)
        #expect(LockOwner.owner(mutex, word: 2, behind: 77) == 77)
        #expect(LockOwner.owner(mutex, word: 1, behind: 77) == nil)
        #expect(LockOwner.owner(mutex, word: 2, behind: 0) == nil)
        #expect(LockOwner.owner(inheriting, word: 0x8000_004d, behind: 3) == 77)
    }
}
