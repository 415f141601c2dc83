import Glibc

/// Names of files that the user gave no name for.
enum RecordingName {
    /// `stallscope-<host>-<time>.stall`, the time being local and now.
    static func fresh(host: String) -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y%m%d-%H%M%S", &parts)
        let stamp = String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return "stallscope-\(host)-\(stamp).stall"
    }
}
