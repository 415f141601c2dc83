import Foundation
import Testing

@testable import Page

/// How the page is put together.
@Suite struct TemplateTests {
    @Test func namesOfARecordingStayText() {
        #expect(
            HTMLText.escaped("</script><script>\"'&\u{1}")
                == "&lt;/script&gt;&lt;script&gt;&quot;&#39;&amp;\u{FFFD}")
    }

    @Test func valuesAreNotLookedAtForNames() {
        let page = String(
            decoding: Template.page([
                "title": "{{data}}", "summary": "", "nonce": "", "style": "", "script": "", "data": "secret",
            ]), as: UTF8.self)
        #expect(page.contains("<title>{{data}} · Stallscope</title>"))
        #expect(page.components(separatedBy: "secret").count == 2)
    }

    @Test func modulesBecomeOneScript() {
        let script = Template.script
        #expect(!script.contains("\nimport "))
        #expect(!script.contains("\nexport "))
        #expect(script.contains("\nclass TimelineView"))
        // It stands within a script element.
        #expect(!script.lowercased().contains("</script"))
    }
}
