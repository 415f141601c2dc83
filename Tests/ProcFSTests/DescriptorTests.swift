import Foundation
import Testing

@testable import ProcFS

@Suite struct DescriptorTests {
    @Test(
        arguments: [
            ("pipe:[123]", .pipe(inode: 123)), ("socket:[9]", .socket(inode: 9)),
            ("anon_inode:[eventpoll]", .anonymous(kind: "eventpoll")),
            ("anon_inode:inotify", .anonymous(kind: "inotify")),
            ("/dev/null", .path("/dev/null")), ("/tmp/x (deleted)", .path("/tmp/x (deleted)")),
            ("pipe:[]", .path("pipe:[]")), ("pipe:[1", .path("pipe:[1")), ("pipe:[-1]", .path("pipe:[-1]")),
            ("socket:[99999999999999999999]", .path("socket:[99999999999999999999]")), ("", .path("")),
        ] as [(String, FileTarget)])
    func readsLinks(link: String, target: FileTarget) {
        #expect(FileTarget(parsing: link) == target)
    }

    @Test func findsHolders() throws {
        let tree = try FakeTree()
        for pid in 10...12 { try tree.makeDirectory("\(pid)/fd") }
        try tree.link("10/fd/3", to: "pipe:[77]")
        try tree.link("10/fd/4", to: "socket:[78]")
        try tree.link("11/fd/12", to: "socket:[77]")
        let proc = ProcTree(root: tree.root)
        func holders(_ inode: UInt64, _ isSocket: Bool? = nil) -> [[UInt32]] {
            proc.holders(ofInode: inode, isSocket: isSocket, among: [10, 11, 12, 13]).map {
                [$0.pid, $0.descriptor]
            }
        }
        #expect(holders(78) == [[10, 4]])
        #expect(holders(77) == [[10, 3], [11, 12]])
        #expect(holders(77, true) == [[11, 12]])
        #expect(holders(77, false) == [[10, 3]])
        #expect(holders(79).isEmpty)
        #expect(proc.fileDescriptors(of: 10) == [3: .pipe(inode: 77), 4: .socket(inode: 78)])
        #expect(proc.target(of: 12, in: 11) == .socket(inode: 77))
        #expect(proc.target(of: 13, in: 11) == nil)
        #expect(proc.fileDescriptors(of: 13).isEmpty)
    }
}
