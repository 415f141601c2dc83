import CZlib

/// Compression as `gzip` does it, and as browsers undo it (`DecompressionStream`).
public enum Gzip {
    /// - Throws: ``GzipError``: there is no memory for it, or the bytes are more than 4 GB.
    public static func compress(_ bytes: [UInt8]) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        // 16 more than the largest window asks for the format of gzip.
        let begun = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { throw GzipError(code: begun) }
        defer { deflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(bytes.count))))
        var input = bytes
        let code = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(clamping: source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(clamping: target.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard code == Z_STREAM_END else { throw GzipError(code: code) }
        output.removeLast(output.count - Int(stream.total_out))
        return output
    }
}

/// Why zlib could not compress something.
public struct GzipError: Error, Equatable, Sendable, CustomStringConvertible {
    /// zlib's own.
    public let code: Int32

    public var description: String {
        code == Z_MEM_ERROR
            ? "there is no memory left to compress it: free some and try again"
            : "zlib could not compress it (\(code)): it is larger than 4 GB"
    }
}
