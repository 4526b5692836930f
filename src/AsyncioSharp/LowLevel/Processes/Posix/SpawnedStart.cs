using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Starts a program by posix_spawn, on every machine.</summary>
/// <remarks>
/// What makes the pointers safe: what it is told beforehand it copies. Its two opaque structures have 80 and 336 bytes in glibc and
/// in musl, and are given 512. The child shares this program's memory until it has begun the new program, in which only the C
/// library runs.
/// </remarks>
internal static unsafe partial class SpawnedStart
{
    private const int OpaqueSize = 512;
    private const int SignalSetSize = 128;
    private const short SetGroup = 0x02;
    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    private static bool s_closesFrom = true;

    /// <summary>Starts it.</summary>
    /// <param name="program">What is to be started.</param>
    /// <returns>Its number, or an error number, negated.</returns>
    public static int Run(in NewProgram program)
    {
        byte* actions = stackalloc byte[OpaqueSize], attributes = stackalloc byte[OpaqueSize];
        var result = posix_spawn_file_actions_init(actions);
        if (result != 0)
            return -result;
        result = posix_spawnattr_init(attributes);
        if (result != 0)
        {
            _ = posix_spawn_file_actions_destroy(actions);
            return -result;
        }
        try
        {
            result = AddDescriptors(actions, program.Descriptors);
            if (result == 0 && program.Directory is not null)
                result = posix_spawn_file_actions_addchdir_np(actions, program.Directory);
            if (result == 0)
                result = SetAttributes(attributes, program);
            var process = 0;
            if (result == 0)
            {
                result = Faults.Strike("posix_spawn")
                    ? Marshal.GetLastSystemError()
                    : posix_spawn(&process, program.Path, actions, attributes, program.Arguments, program.Environment);
            }
            return result == 0 ? process : -result;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    private static int AddDescriptors(byte* actions, ReadOnlySpan<(int Source, int Target)> descriptors)
    {
        var highest = 2;
        foreach (var (source, target) in descriptors)
        {
            var result = posix_spawn_file_actions_adddup2(actions, source, target);
            if (result != 0)
                return result;
            highest = Math.Max(highest, target);
        }
        if (!s_closesFrom)
            return 0;
        for (var number = 3; number < highest; number++)
        {
            var isWanted = false;
            foreach (var (_, target) in descriptors)
                isWanted |= target == number;
            if (!isWanted && posix_spawn_file_actions_addclose(actions, number) is var result and not 0)
                return result;
        }
        try
        {
            return posix_spawn_file_actions_addclosefrom_np(actions, highest + 1);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than the call, or another one. .NET and this library make nothing that a child inherits.
            s_closesFrom = false;
            return 0;
        }
    }

    private static int SetAttributes(byte* attributes, in NewProgram program)
    {
        var flags = (short)(SetDefaultSignals | SetSignalMask);
        var signals = stackalloc byte[SignalSetSize];
        new Span<byte>(signals, SignalSetSize).Clear();
        var result = posix_spawnattr_setsigmask(attributes, signals);
        if (result != 0)
            return result;
        *(ulong*)signals |= 1UL << (PosixProcess.BrokenPipeSignal - 1);
        result = posix_spawnattr_setsigdefault(attributes, signals);
        if (result != 0)
            return result;
        if (program.NewSession)
            flags |= SetSession;
        if (program.Group >= 0)
        {
            flags |= SetGroup;
            result = posix_spawnattr_setpgroup(attributes, program.Group);
            if (result != 0)
                return result;
        }
        return posix_spawnattr_setflags(attributes, flags);
    }

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn(int* process, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int source, int target);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn_file_actions_addclose(byte* actions, int descriptor);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawnattr_setpgroup(byte* attributes, int group);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport(Libc.Library)]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);
}
