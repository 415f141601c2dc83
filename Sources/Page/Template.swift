/// Puts the page together from its resources.
enum Template {
    /// The page's modules, each after those that it imports.
    private static let modules: [[UInt8]] = [
        PackageResources.units_js, PackageResources.states_js, PackageResources.series_js,
        PackageResources.recording_js, PackageResources.stretch_js, PackageResources.dom_js,
        PackageResources.table_js, PackageResources.verdict_js, PackageResources.composition_js,
        PackageResources.lanes_js, PackageResources.overview_js, PackageResources.timeline_js,
        PackageResources.pointer_js,
        PackageResources.threads_js, PackageResources.layout_js, PackageResources.graph_js,
        PackageResources.waits_js,
        PackageResources.occupants_js, PackageResources.devices_js, PackageResources.controls_js,
        PackageResources.follow_js,
        PackageResources.main_js,
    ]

    /// All modules as one: a page that opens from disk cannot import others.  Their names are unique, so it is enough to leave
    /// out what imports and exports.
    static var script: String {
        modules.map(text).joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("import ") }
            .map { $0.hasPrefix("export ") ? $0.dropFirst("export ".count) : $0 }
            .joined(separator: "\n")
    }

    static func text(of bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The template with its `{{names}}` replaced, each by what belongs there and not by what that holds.
    static func page(_ values: [String: String]) -> [UInt8] {
        var page: [UInt8] = []
        var rest = text(of: PackageResources.page_html)[...]
        while let begin = rest.firstRange(of: "{{"), let end = rest[begin.upperBound...].firstRange(of: "}}")
        {
            page += rest[..<begin.lowerBound].utf8
            page += (values[String(rest[begin.upperBound..<end.lowerBound])] ?? "").utf8
            rest = rest[end.upperBound...]
        }
        return page + rest.utf8
    }
}
