using System.Runtime.InteropServices;

namespace AsyncioSharp.Tests.Pipes;

/// <summary>Pipes that have a path, which .NET cannot make.</summary>
internal static class NamedPipe
{
    public static void Make(string path) => Assert.Equal(0, mkfifo(path, 0x180)); // rw-------

    [DllImport("libc")]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
