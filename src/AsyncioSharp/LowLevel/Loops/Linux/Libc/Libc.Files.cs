using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

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
    private const int PipeType = 0x1000; // S_IFIFO
    private const int DeviceType = 0x2000; // S_IFCHR
    private const int OfDescriptor = 0x1000; // AT_EMPTY_PATH
    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int NoWaiting = 0x8; // RWF_NOWAIT

    private static bool s_readsCached = true; // unless the C library is older than the call

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file; of a link, what it leads to.</param>
    /// <param name="isSocket">Whether it is a socket.</param>
    /// <param name="identity">What tells it from all other files.</param>
    /// <exception cref="EntryPointNotFoundException">The C library is older than the call.</exception>
    public static int Status(string path, out bool isSocket, out (ulong Device, ulong Inode) identity)
    {
        var status = stackalloc byte[StatusSize];
        var result = Look(path, status);
        isSocket = (*(ushort*)(status + ModeOffset) & TypeMask) == SocketType;
        identity = ((ulong)*(uint*)(status + DeviceMajorOffset) << 32 | *(uint*)(status + DeviceMinorOffset), *(ulong*)(status + InodeOffset));
        return result;
    }

    /// <summary>Whether a path leads to a named pipe.</summary>
    public static bool IsPipe(string path)
    {
        var status = stackalloc byte[StatusSize];
        try
        {
            return Look(path, status) >= 0 && (*(ushort*)(status + ModeOffset) & TypeMask) == PipeType;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Whether a descriptor is of something that sends and receives: a pipe, a socket, or a device such as a
    /// terminal.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="isDevice">Whether it is a device.</param>
    /// <param name="isPipe">Whether it is a pipe.</param>
    /// <returns>1 or 0, or an error number, negated.</returns>
    public static int IsStream(int descriptor, out bool isDevice, out bool isPipe)
    {
        isDevice = isPipe = false;
        var status = stackalloc byte[StatusSize];
        new Span<byte>(status, StatusSize).Clear();
        var path = (byte)0;
        int result;
        try
        {
            result = Result(statx(descriptor, &path, OfDescriptor, TypeAndInode, status));
        }
        catch (EntryPointNotFoundException)
        {
            return 1; // what cannot be asked is tried
        }
        if (result < 0)
            return result;
        var type = *(ushort*)(status + ModeOffset) & TypeMask;
        isDevice = type == DeviceType;
        isPipe = type == PipeType;
        return type is PipeType or DeviceType or SocketType ? 1 : 0;
    }

    /// <summary>Makes reads and writes return at once, for everybody who has the same open file.</summary>
    public static int MakeNonBlocking(int descriptor)
    {
        var flags = Result(fcntl(descriptor, GetFlags, 0));
        return flags < 0 || (flags & NonBlocking) != 0 ? Math.Min(flags, 0) : Result(fcntl(descriptor, SetFlags, flags | NonBlocking));
    }

    /// <summary>Reads from a pipe or the like that does not block.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint count;
            do
                count = Faults.Strike("read") ? -1 : read(descriptor, bytes, (nuint)buffer.Length);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Writes to a pipe or the like that does not block. The signal of a broken pipe is ignored by .NET.</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            nint count;
            do
                count = Faults.Strike("write") ? -1 : write(descriptor, bytes, (nuint)data.Length);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Reads what of a file the kernel has in its cache.</summary>
    /// <returns>How many bytes; 0 at the end; an error number, negated, also if reading would have to wait.</returns>
    public static int ReadCached(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        if (!s_readsCached || offset > nint.MaxValue)
            return -Errno.EOPNOTSUPP;
        using var source = new HeldDescriptor(file);
        fixed (byte* bytes = buffer)
        {
            var piece = new MemoryPiece { Start = (nint)bytes, Length = (nuint)buffer.Length };
            try
            {
                return Result(Faults.Strike("preadv2") ? -1 : preadv2(source.Number, &piece, 1, (nint)offset, NoWaiting));
            }
            catch (EntryPointNotFoundException)
            {
                s_readsCached = false;
                return -Errno.EOPNOTSUPP;
            }
        }
    }

    /// <summary>Has the kernel send a part of a file on a socket that does not block.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="file">The file. Its own position does not change.</param>
    /// <param name="offset">From where.</param>
    /// <param name="count">How many bytes at most.</param>
    public static long SendFile(int descriptor, SafeFileHandle file, long offset, long count)
    {
        using var source = new HeldDescriptor(file);
        nint result;
        do
        {
            var position = (nint)offset;
            result = Faults.Strike("sendfile") ? -1 : sendfile(descriptor, source.Number, &position, (nuint)count);
        }
        while (result < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
        return Result(result);
    }

    private static int Look(string path, byte* status)
    {
        new Span<byte>(status, StatusSize).Clear();
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            return Result(statx(RelativeToDirectory, name, 0, TypeAndInode, status));
    }

    [LibraryImport(Library)]
    private static partial nint sendfile(int descriptor, int source, nint* offset, nuint count);

    [LibraryImport(Library)]
    private static partial nint preadv2(int descriptor, MemoryPiece* pieces, int count, nint offset, int flags);

    [LibraryImport(Library)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport(Library)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, byte* status);
}
