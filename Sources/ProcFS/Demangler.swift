import CElf
import Glibc

/// Names of C++ and Swift symbols as their source has them.
enum Demangler {
    /// The name itself if it is not mangled, or is so long or so intricate that it is better left alone.
    static func plainName(_ name: String) -> String {
        guard name.utf8.count <= longest, references(in: name) <= mostReferences else { return name }
        if name.hasPrefix("_Z") {
            var status: Int32 = 0
            return taken(__cxa_demangle(name, nil, nil, &status)) ?? name
        }
        if name.hasPrefix("$s") || name.hasPrefix("$S") || name.hasPrefix("_T") {
            return taken(swift_demangle(name, name.utf8.count, nil, nil, 0)) ?? name
        }
        return name
    }

    /// The files that the names come from are not ours.  A name may refer back to its own parts, each
    /// reference to one that holds two others, and so write out 2^n parts with n references: 24 in all keep
    /// that to some megabytes.
    private static let longest = 512
    private static let mostReferences = 24

    /// An upper bound: S1_, T_ of C++ and the Aa, AbC of Swift, and what looks like them.
    private static func references(in name: String) -> Int {
        let bytes = Array(name.utf8)
        return zip(bytes, bytes.dropFirst()).count { first, second in
            switch first {
            case UInt8(ascii: "S"), UInt8(ascii: "T"):
                !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(second)
            case UInt8(ascii: "A"): true
            default: false
            }
        }
    }

    /// Copies a C string that malloc made, and frees it.
    private static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
