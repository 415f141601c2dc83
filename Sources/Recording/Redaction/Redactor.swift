/// Hides what names may give away to whom a recording is shown: arguments of programs, and where people's files lie.
///
/// A path keeps the folder that it begins with and its extension; between them stands a number, the same for the same path.
/// It is made with a key that is thrown away, so that nobody can try out names.  Files of packages and of the kernel
/// (`/usr/bin/nginx`, `/proc/meminfo`) keep their paths: they tell what runs, not for whom.
struct Redactor {
    private let key = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))

    private static let publicPlaces = [
        "/usr/", "/lib/", "/lib32/", "/lib64/", "/bin/", "/sbin/", "/etc/", "/proc/", "/sys/", "/dev/",
        "/run/",
    ]
    private static let privatePlaces = [
        "/usr/local/", "/etc/ssl/private/", "/dev/shm/", "/run/user/", "/run/media/",
    ]
    private static let deleted = " (deleted)"

    /// `/home/ada/plans/merger.ods` as `/home/…1f0c93b2.ods`.
    func path(_ path: String) -> String {
        if path.hasSuffix(Self.deleted) {
            return self.path(String(path.dropLast(Self.deleted.count))) + Self.deleted
        }
        if path.isEmpty || Self.isPublic(path) { return path }
        // An abstract socket has a name, not a place.
        if path.hasPrefix("@") { return "@…" + number(path) }
        var folder = ""
        if path.hasPrefix("/") {
            let parts = path.split(separator: "/")
            let kept = parts.first == "var" ? 2 : 1
            folder = parts.count > kept ? "/" + parts.prefix(kept).joined(separator: "/") + "/" : "/"
        }
        return folder + "…" + number(path) + Self.suffix(path)
    }

    /// The program's name, and whether there was more: `/opt/shop/bin/serve --token X` as `/opt/…0b51aa37 …`.
    func arguments(_ line: String) -> String {
        let program = line.prefix { $0 != " " }
        // What is no path is a name that was looked up, or a title that the program gave itself.
        let name = program.contains("/") ? path(String(program)) : String(program)
        return program.count == line.count ? name : name + " …"
    }

    /// A text that ends with a path, as the names of sockets do: `unix:/home/ada/chat.socket`.
    ///
    /// Paths may hold spaces, so what begins with one is hidden to the end of the text.
    func text(_ text: String) -> String {
        var place = text.startIndex
        while let start = text[place...].firstIndex(where: { $0 == "/" || $0 == "@" }) {
            let begins = start == text.startIndex || " :='\"(".contains(text[text.index(before: start)])
            if begins, !Self.isPublic(String(text[start...])) {
                return text[..<start] + path(String(text[start...]))
            }
            // On to the next word.
            place = text[start...].firstIndex(of: " ") ?? text.endIndex
        }
        return text
    }

    /// Why something became a target.  A pattern for command lines is as good as an argument.
    func reason(_ reason: String) -> String {
        guard let pattern = reason.firstRange(of: "command line matches '") else { return text(reason) }
        return reason[..<pattern.upperBound] + "…'"
    }

    private static func isPublic(_ path: String) -> Bool {
        publicPlaces.contains(where: path.hasPrefix) && !privatePlaces.contains(where: path.hasPrefix)
            && !["/../", "/root/", "/cwd/"].contains(where: path.contains)  // as in /proc/7/root/home
    }

    /// `.socket`, or nothing.
    private static func suffix(_ path: String) -> Substring {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        let suffix = name[dot...]
        return suffix.count <= 8
            && suffix.dropFirst().allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            ? suffix : ""
    }

    private func number(_ text: String) -> String {
        var hasher = Hasher()
        hasher.combine(key.0)
        hasher.combine(key.1)
        hasher.combine(text)
        let digits = String(UInt32(truncatingIfNeeded: hasher.finalize()), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
