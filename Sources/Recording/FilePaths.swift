import Glibc

/// Paths as SQLite is given them.
enum FilePaths {
    /// An absolute path: SQLite would take one that begins with `file:` for a URI, and the program's current
    /// directory may change.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let buffer = getcwd(nil, 0) else { return "./" + path }
        defer { free(buffer) }
        return String(cString: buffer) + "/" + path
    }

    /// A URI that opens the file without looking for, or making, files beside it.
    static func immutableURI(_ path: String) -> String {
        let kept = Set("/-_.~".utf8)
        let hex = Array("0123456789ABCDEF")
        var uri = "file:"
        for byte in path.utf8 {
            let character = Character(UnicodeScalar(byte))
            if kept.contains(byte) || (byte < 128 && (character.isLetter || character.isNumber)) {
                uri.append(character)
            } else {
                uri += "%" + String(hex[Int(byte >> 4)]) + String(hex[Int(byte & 15)])
            }
        }
        return uri + "?immutable=1"
    }
}
