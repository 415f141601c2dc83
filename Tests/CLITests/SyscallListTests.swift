import Testing

@testable import stallscope

@Suite struct SyscallListTests {
    @Test func aloneItStandsForAll() {
        #expect(
            SyscallList.completed(["record", "--syscalls", "-o", "x"]) == [
                "record", "--syscalls=all", "-o", "x",
            ])
        #expect(
            SyscallList.completed(["record", "--syscalls=futex", "--all"]) == [
                "record", "--syscalls=futex", "--all",
            ])
        #expect(
            SyscallList.completed(["record", "--syscalls", "--", "strace", "--syscalls"])
                == ["record", "--syscalls=all", "--", "strace", "--syscalls"])
    }

    @Test func aListStaysOneWhateverFollows() throws {
        for rest in [["--duration", "1s"], ["--all"], []] {
            let record = try Record.parse(["--pid", "1", "--syscalls=futex"] + rest.filter { $0 != "--all" })
            #expect(record.syscalls?.numbers.count == 1)
        }
    }
}
