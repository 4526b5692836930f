using System.Runtime.InteropServices;
using System.Text;

namespace AsyncioSharp.LowLevel;

internal static unsafe partial class Libc
{
    private const int RelativeToDirectory = -100; // AT_FDCWD
    private const uint TypeAndInode = 0x001 | 0x100; // STATX_TYPE, STATX_INO

    // struct statx, which unlike struct stat is laid out the same on every machine.
    private const int StatusSize = 256;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceMajorOffset = 136;
    private const int DeviceMinorOffset = 140;

    private const int TypeMask = 0xF000; // S_IFMT
    private const int SocketType = 0xC000; // S_IFSOCK

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file; of a link, what it leads to.</param>
    /// <param name="isSocket">Whether it is a socket.</param>
    /// <param name="identity">What tells it from all other files.</param>
    /// <exception cref="EntryPointNotFoundException">The C library is older than the call.</exception>
    public static int Status(string path, out bool isSocket, out (ulong Device, ulong Inode) identity)
    {
        var status = stackalloc byte[StatusSize];
        new Span<byte>(status, StatusSize).Clear();
        int result;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            result = Result(statx(RelativeToDirectory, name, 0, TypeAndInode, status));
        isSocket = (*(ushort*)(status + ModeOffset) & TypeMask) == SocketType;
        identity = ((ulong)*(uint*)(status + DeviceMajorOffset) << 32 | *(uint*)(status + DeviceMinorOffset), *(ulong*)(status + InodeOffset));
        return result;
    }

    [LibraryImport("libc")]
    private static partial int statx(int directory, byte* path, int flags, uint mask, byte* status);
}
