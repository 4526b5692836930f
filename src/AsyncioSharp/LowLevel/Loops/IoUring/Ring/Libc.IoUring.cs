using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

// io_uring has no functions in the C library. Its calls have the same numbers on every machine.
internal static unsafe partial class Libc
{
    private const int SetupRing = 425;
    private const int EnterRing = 426;
    private const int RegisterRing = 427;
    private const int ReadAndWrite = 3; // PROT_READ, PROT_WRITE
    private const int SharedPopulated = 0x01 | 0x8000; // MAP_SHARED, MAP_POPULATE
    private const nint MapFailed = -1;

    /// <summary>Makes a ring.</summary>
    /// <param name="entries">How many submissions it holds.</param>
    /// <param name="parameters">What it is to be like; what it is like.</param>
    /// <returns>Its descriptor, closed on exec.</returns>
    public static int SetUpRing(uint entries, ref RingParameters parameters)
    {
        fixed (RingParameters* pointer = &parameters)
            return Result(Faults.Strike("io_uring_setup") ? -1 : syscall(SetupRing, (nint)entries, (nint)pointer, 0, 0, 0, 0));
    }

    /// <summary>Submits, runs what the kernel has put off, and waits for completions if so asked.</summary>
    /// <param name="ring">The descriptor, or the index of a registered one.</param>
    /// <param name="submit">How many submissions.</param>
    /// <param name="wait">How many completions to wait for.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="timeout">How long to wait at most: in ticks of 100 ns, -1 for ever.</param>
    public static int Enter(int ring, uint submit, uint wait, RingEnterFlags flags, long timeout)
    {
        if (Faults.Strike("io_uring_enter"))
            return Result(-1);
        if (timeout < 0)
            return Result(syscall(EnterRing, ring, (nint)submit, (nint)wait, (nint)flags, 0, 0));
        var time = stackalloc long[2]; // struct __kernel_timespec
        time[0] = timeout / TimeSpan.TicksPerSecond;
        time[1] = timeout % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        var argument = stackalloc ulong[3]; // struct io_uring_getevents_arg
        argument[0] = 0; // no signal mask
        argument[1] = 0;
        argument[2] = (ulong)time;
        return Result(
            syscall(EnterRing, ring, (nint)submit, (nint)wait, (nint)(flags | RingEnterFlags.ExtendedArgument), (nint)argument, 3 * sizeof(ulong)));
    }

    /// <summary>Tells a ring of something, or asks it.</summary>
    public static int Register(int ring, RingRegistration what, Span<byte> argument, uint count)
    {
        fixed (byte* pointer = argument)
            return Result(Faults.Strike("io_uring_register") ? -1 : syscall(RegisterRing, ring, (nint)what, (nint)pointer, (nint)count, 0, 0));
    }

    /// <summary>Maps a part of a ring.</summary>
    /// <returns>The address; null if that failed, with the error number where the call leaves it.</returns>
    public static byte* Map(int ring, nuint length, long offset)
    {
        var address = Faults.Strike("mmap") ? MapFailed : (nint)mmap(null, length, ReadAndWrite, SharedPopulated, ring, (nint)offset);
        return address == MapFailed ? null : (byte*)address;
    }

    /// <summary>Ends what <see cref="Map"/> has begun.</summary>
    public static void Unmap(byte* address, nuint length) => _ = munmap(address, length);

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport(Library)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library)]
    private static partial int munmap(void* address, nuint length);
}
