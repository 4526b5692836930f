using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The system calls about processes, for Linux, and the only unsafe code of subprocesses. Each returns a result that is not
/// negative, or an error number, negated.
/// </summary>
/// <remarks>
/// What makes the pointers safe: they are taken from memory that outlives the call, and nothing is kept of them; what
/// posix_spawn is told beforehand it copies. Its two opaque structures have 80 and 336 bytes in glibc and in musl, and are given
/// 512. The child shares this program's memory until it has begun the new program, in which only the C library runs.
/// A process that has ended keeps its number until <see cref="Reap"/>, which alone gives it back: whoever sends a signal
/// before, on the same thread, cannot hit another process.
/// </remarks>
internal static unsafe partial class PosixProcess
{
    private const int OpaqueSize = 512;
    private const int SignalSetSize = 128;
    private const int CloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    private const short SetGroup = 0x02;
    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;
    private const int BrokenPipeSignal = 13;
    private const int OpenPidfdNumber = 434; // on every machine
    private const int NoHang = 1;
    private const int ByProcess = 1; // P_PID
    private const int EndedOnly = 4; // WEXITED
    private const int LeaveIt = 0x01000000; // WNOWAIT
    private const int Append = 1 | 0x40 | 0x400; // O_WRONLY, O_CREAT, O_APPEND
    private const int NewFileMode = 0x1B6; // 0666, less the umask
    private const int MayExecute = 1; // X_OK

    private static bool s_closesFrom = true;

    /// <summary>Starts a program.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, the first of which is its name.</param>
    /// <param name="environment">Its environment: <c>name=value</c>.</param>
    /// <param name="directory">Where it starts; null for here.</param>
    /// <param name="descriptors">Which descriptor becomes which. No source has the number of a target, except where it is
    /// the standard output that becomes the standard error too, behind the one that it becomes itself.</param>
    /// <param name="newSession">Whether it starts a session.</param>
    /// <param name="group">The process group that it joins, 0 for a new one, -1 for this program's.</param>
    /// <returns>Its number.</returns>
    public static int Start(
        string path, ReadOnlySpan<string> arguments, ReadOnlySpan<string> environment, string? directory,
        ReadOnlySpan<(int Source, int Target)> descriptors, bool newSession, int group)
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
        using var argumentStrings = new NativeStrings(arguments);
        using var environmentStrings = new NativeStrings(environment);
        try
        {
            result = AddDescriptors(actions, descriptors);
            if (result == 0 && directory is not null)
            {
                fixed (byte* name = Encoding.UTF8.GetBytes(directory + '\0'))
                    result = posix_spawn_file_actions_addchdir_np(actions, name);
            }
            if (result == 0)
                result = SetAttributes(attributes, newSession, group);
            var process = 0;
            fixed (byte* program = Encoding.UTF8.GetBytes(path + '\0'))
            {
                if (result == 0)
                    result = Faults.Strike("posix_spawn")
                        ? Marshal.GetLastSystemError()
                        : posix_spawn(&process, program, actions, attributes, argumentStrings.Pointers, environmentStrings.Pointers);
            }
            return result == 0 ? process : -result;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Makes a pipe; both ends are closed on exec.</summary>
    public static int CreatePipe(out int read, out int write)
    {
        var ends = stackalloc int[2];
        var result = Result(Faults.Strike("pipe2") ? -1 : pipe2(ends, CloseOnExec));
        (read, write) = (ends[0], ends[1]);
        return result;
    }

    /// <summary>Makes another descriptor of the same file, with a number not lower than given.</summary>
    public static int DuplicateAbove(int descriptor, int lowest) => Result(fcntl(descriptor, DuplicateCloseOnExec, lowest));

    /// <summary>Opens a file so that the system writes behind what is there, whoever else writes; it is made if it is missing.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle OpenToAppend(string path)
    {
        int result;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            result = Result(open(name, Append | CloseOnExec, NewFileMode));
        return result >= 0 ? new SafeFileHandle(result, ownsHandle: true) : throw Errno.FileException(-result, $"'{path}' cannot be opened to append to it");
    }

    /// <summary>Whether this program may execute a file, or search a directory.</summary>
    public static bool IsExecutable(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            return access(name, MayExecute) == 0;
    }

    /// <summary>Opens a descriptor that is readable once a process has ended.</summary>
    public static int OpenPidfd(int process) => Result(Faults.Strike("pidfd_open") ? -1 : syscall(OpenPidfdNumber, process, 0));

    /// <summary>Sends a signal.</summary>
    /// <param name="process">To a process; negated, to a process group.</param>
    /// <param name="signal">The signal.</param>
    public static int Send(int process, int signal) => Result(kill(process, signal));

    /// <summary>The process group of a process.</summary>
    public static int GroupOf(int process) => Result(getpgid(process));

    /// <summary>Waits for the end of a child, and leaves it to be reaped.</summary>
    public static int WaitForEnd(int process)
    {
        var information = stackalloc byte[SignalSetSize]; // siginfo_t, which nobody reads
        int result;
        do
            result = Result(waitid(ByProcess, process, information, EndedOnly | LeaveIt));
        while (result == -Errno.EINTR);
        return result;
    }

    /// <summary>Whether a child has ended and was not reaped.</summary>
    public static bool HasEnded(int process)
    {
        var information = stackalloc byte[SignalSetSize];
        new Span<byte>(information, SignalSetSize).Clear();
        return waitid(ByProcess, process, information, EndedOnly | LeaveIt | NoHang) == 0 && *(int*)information != 0; // si_signo
    }

    /// <summary>Takes the exit status of a child that has ended; its number is free from then on.</summary>
    /// <param name="process">The child.</param>
    /// <param name="exitCode">Its exit code; if a signal has ended it, the signal's number, negated.</param>
    /// <returns>0 if it has not ended.</returns>
    public static int Reap(int process, out int exitCode)
    {
        int status, result;
        do
            result = Result(waitpid(process, &status, NoHang));
        while (result == -Errno.EINTR);
        exitCode = (status & 0x7f) == 0 ? status >> 8 & 0xff : -(status & 0x7f);
        return result;
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

    private static int SetAttributes(byte* attributes, bool newSession, int group)
    {
        var flags = (short)(SetDefaultSignals | SetSignalMask);
        var signals = stackalloc byte[SignalSetSize];
        new Span<byte>(signals, SignalSetSize).Clear();
        var result = posix_spawnattr_setsigmask(attributes, signals);
        if (result != 0)
            return result;
        // .NET ignores it, and what is ignored stays so in a new program.
        *(ulong*)signals |= 1UL << (BrokenPipeSignal - 1);
        result = posix_spawnattr_setsigdefault(attributes, signals);
        if (result != 0)
            return result;
        if (newSession)
            flags |= SetSession;
        if (group >= 0)
        {
            flags |= SetGroup;
            result = posix_spawnattr_setpgroup(attributes, group);
            if (result != 0)
                return result;
        }
        return posix_spawnattr_setflags(attributes, flags);
    }

    private static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    [LibraryImport("libc")]
    private static partial int posix_spawn(int* process, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int source, int target);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclose(byte* actions, int descriptor);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setpgroup(byte* attributes, int group);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial int open(byte* path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int access(byte* path, int mode);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int getpgid(int process);

    [LibraryImport("libc")]
    private static partial int waitid(int type, int id, byte* information, int options);

    [LibraryImport("libc")]
    private static partial int waitpid(int process, int* status, int options);
}
