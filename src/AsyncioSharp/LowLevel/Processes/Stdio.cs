using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>Where a subprocess reads from, or writes to, as one of its three standard streams.</summary>
public sealed class Stdio
{
    private Stdio(StdioKind kind, SafeHandle? handle = null, string? path = null, bool append = false)
    {
        Kind = kind;
        Handle = handle;
        Path = path;
        Append = append;
    }

    /// <summary>The same as this program.</summary>
    public static Stdio Inherit { get; } = new(StdioKind.Inherit);

    /// <summary>A pipe to this program (<c>asyncio.subprocess.PIPE</c>).</summary>
    public static Stdio Pipe { get; } = new(StdioKind.Pipe);

    /// <summary>Nothing to read; what is written is dropped (<c>asyncio.subprocess.DEVNULL</c>).</summary>
    public static Stdio Null { get; } = new(StdioKind.Null);

    /// <summary>For the standard error: the same as the standard output (<c>asyncio.subprocess.STDOUT</c>).</summary>
    public static Stdio ToStandardOutput { get; } = new(StdioKind.ToStandardOutput);

    internal StdioKind Kind { get; }

    internal SafeHandle? Handle { get; }

    internal string? Path { get; }

    internal bool Append { get; }

    /// <summary>A file, pipe or socket that is open. It stays the caller's, to be closed once the subprocess was started.</summary>
    /// <param name="handle">The handle.</param>
    public static Stdio Of(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return new Stdio(StdioKind.Handle, handle);
    }

    /// <summary>A file, to be opened for the subprocess: read as its standard input, otherwise written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="append">Whether what is written goes behind what is there; otherwise it replaces it.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static Stdio File(string path, bool append = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new Stdio(StdioKind.File, path: path, append: append);
    }

    /// <summary>What it is.</summary>
    public override string ToString() => Path is null ? Kind.ToString() : $"{Kind} {Path}";
}
