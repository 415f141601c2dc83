import Testing

@testable import TUI

/// Bytes of a terminal become keys, and keys change what is shown.
@Suite struct KeyTests {
    @Test(arguments: [
        ("q", [Key.character("q")]), ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OA", [.up]),
        ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\u{1B}[H\u{1B}[F", [.home, .end]),
        ("\u{1B}[1~\u{1B}[4~", [.home, .end]), ("\r", [.enter]), ("\u{7F}", [.backspace]),
        ("é", [.character("é")]), ("\u{1B}[1;5C", [.right]), ("\u{1B}q", [.escape, .character("q")]),
        ("\u{1B}[200~x", [.character("x")]), ("\u{01}x", [.character("x")]),
    ])
    func bytesBecomeKeys(bytes: String, keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(decoder.decode(bytes.utf8) == keys)
        var slow = KeyDecoder()
        #expect(bytes.utf8.flatMap { slow.decode([$0]) } == keys, "byte by byte")
        #expect(!slow.isWaiting)
    }

    @Test func escapeAloneIsAKeyWhenNothingFollows() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B]).isEmpty)
        #expect(decoder.isWaiting)
        #expect(decoder.flush() == [.escape])
        #expect(!decoder.isWaiting)
    }

    private func press(_ keys: String, _ state: inout TopState) {
        for key in keys { _ = state.handle(.character(key), Scene.snapshot, page: 10) }
    }

    @Test func sortingGoesThroughAllColumnsAndBack() {
        var state = TopState()
        var seen: [SortKey] = []
        for _ in SortKey.allCases {
            seen.append(state.sort)
            press("s", &state)
        }
        #expect(seen == SortKey.allCases && state.sort == .busy)
        press("S", &state)
        #expect(state.sort == .name)
        state.isGrouped = false
        #expect(state.rows(Scene.snapshot).map(\.name) == ["idle", "load", "owner", "waiter"])
        state.sort = .heldUp
        #expect(state.rows(Scene.snapshot).first?.name == "waiter")
    }

    @Test func aFilterIsTypedKeptAndDropped() {
        var state = TopState()
        press("/WAIt", &state)
        #expect(state.isTyping && state.filter == "WAIt")
        _ = state.handle(.backspace, Scene.snapshot, page: 10)
        #expect(state.filter == "WAI")
        _ = state.handle(.enter, Scene.snapshot, page: 10)
        #expect(!state.isTyping)
        #expect(state.rows(Scene.snapshot).map(\.name) == ["server", "waiter"])
        press("q", &state)
        state.filter = "o*er"
        #expect(state.rows(Scene.snapshot).map(\.name) == ["server", "owner"])
        _ = state.handle(.escape, Scene.snapshot, page: 10)
        #expect(state.filter.isEmpty)
    }

    @Test func movesStayInTheList() {
        var state = TopState()
        _ = state.handle(.up, Scene.snapshot, page: 10)
        #expect(state.selected == .process(1))
        _ = state.handle(.down, Scene.snapshot, page: 10)
        #expect(state.selected == .thread(1))
        _ = state.handle(.end, Scene.snapshot, page: 10)
        #expect(state.selected == .thread(4))
        _ = state.handle(.pageDown, Scene.snapshot, page: 10)
        #expect(state.selected == .thread(4))
        _ = state.handle(.pageUp, Scene.snapshot, page: 3)
        #expect(state.selected == .thread(3))
        _ = state.handle(.home, Scene.snapshot, page: 3)
        #expect(state.selected == .process(1))
    }

    @Test func followingAWakerGoesThereAndBack() {
        var state = TopState()
        state.selected = .thread(4)
        state.folded = [.process(1)]
        state.filter = "load"
        press("f", &state)
        #expect(state.selected == .thread(2))
        #expect(state.filter.isEmpty && state.folded.isEmpty, "what hid it gives way")
        press("f", &state)
        #expect(state.selected == .thread(1))
        press("f", &state)
        #expect(state.selected == .thread(1) && !state.message.isEmpty, "it waits for nobody")
        press("b", &state)
        #expect(state.selected == .thread(2))
        press("b", &state)
        #expect(state.selected == .thread(4))
        press("b", &state)
        #expect(state.selected == .thread(4) && !state.message.isEmpty)
        state.selected = .thread(3)
        press("f", &state)
        #expect(state.selected == .thread(3) && state.message.contains("timer"))
    }

    @Test func timeStandsStillAndGoesOn() {
        var state = TopState()
        press(" ", &state)
        #expect(state.isPaused && state.moment == Scene.snapshot.time)
        press("<", &state)
        #expect(state.moment == Scene.snapshot.timeline.first)
        press(".", &state)
        #expect(
            state.moment == Scene.snapshot.timeline.last, "one tick on from what is shown, and no further")
        press(" ", &state)
        #expect(!state.isPaused && state.moment == nil)
        state.isReplay = true
        press("  ", &state)
        #expect(!state.isPaused && state.moment == Scene.snapshot.time)
    }

    @Test func expandingFoldingGroupingAndWindows() {
        var state = TopState()
        _ = state.handle(.enter, Scene.snapshot, page: 10)
        #expect(state.rows(Scene.snapshot).map(\.name) == ["server", "client", "load"])
        state.selected = .thread(4)
        press("e", &state)
        #expect(state.expanded == [4])
        press("t", &state)
        #expect(state.rows(Scene.snapshot).count == 4)
        press("w", &state)
        #expect(state.windowTicks == 10)
        press("www", &state)
        #expect(state.windowTicks == 3)
    }

    @Test func quittingNeedsNoSecondKey() {
        var state = TopState()
        #expect(state.handle(.character("?"), Scene.snapshot, page: 1) == .none)
        #expect(state.showsHelp)
        #expect(state.handle(.character("q"), Scene.snapshot, page: 1) == .quit)
        state = TopState()
        #expect(state.handle(.character("/"), Scene.snapshot, page: 1) == .none)
        #expect(state.handle(.character("q"), Scene.snapshot, page: 1) == .none, "it is typed")
    }
}
