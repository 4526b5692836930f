using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The system calls about processes, for Linux. Each returns a result that is not negative, or an error number, negated.
/// </summary>
/// <remarks>
/// What makes the pointers safe: they are taken from memory that outlives the call, and nothing is kept of them.
/// A process that has ended keeps its number until <see cref="Reap"/>, which alone gives it back: whoever sends a signal before, on the
/// same thread, cannot hit another process.
/// </remarks>
internal static unsafe partial class PosixProcess
{
    private const int SignalSetSize = 128;
    private const int CloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    private const int OpenPidfdNumber = 434, CloseRangeNumber = 436; // on every machine
    private const int NoHang = 1;
    private const int ByProcess = 1; // P_PID
    private const int EndedOnly = 4; // WEXITED
    private const int LeaveIt = 0x01000000; // WNOWAIT
    private const int Append = 1 | 0x40 | 0x400; // O_WRONLY, O_CREAT, O_APPEND
    private const int NewFileMode = 0x1B6; // 0666, less the umask
    private const int MayExecute = 1; // X_OK

    /// <summary>SIGPIPE. .NET ignores it, and what is ignored stays so in a new program: it is to have the default again.</summary>
    public const int BrokenPipeSignal = 13;

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
        return result >= 0
            ? new SafeFileHandle(result, ownsHandle: true)
            : throw Errno.FileException(-result, $"'{path}' cannot be opened to append to it");
    }

    /// <summary>Whether this program may execute a file, or search a directory.</summary>
    public static bool IsExecutable(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            return access(name, MayExecute) == 0;
    }

    /// <summary>Opens a descriptor that is readable once a process has ended.</summary>
    public static int OpenPidfd(int process) => Result(Faults.Strike("pidfd_open") ? -1 : syscall(OpenPidfdNumber, process, 0, 0));

    /// <summary>Closes all descriptors from a number to another.</summary>
    public static int CloseRange(nint first, nint last) => Result(syscall(CloseRangeNumber, first, last, 0));

    /// <summary>Sends a signal.</summary>
    /// <param name="process">To a process; negated, to a process group.</param>
    /// <param name="signal">The signal.</param>
    public static int Send(int process, int signal) => Result(Faults.Strike("kill") ? -1 : kill(process, signal));

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

    /// <summary>Waits for the end of a child, and has its number be free.</summary>
    public static void WaitAndReap(int process)
    {
        int status;
        while (Result(waitpid(process, &status, 0)) == -Errno.EINTR)
        {
        }
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

    private static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    [LibraryImport(Libc.Library)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport(Libc.Library)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport(Libc.Library)]
    private static partial int open(byte* path, int flags, int mode);

    [LibraryImport(Libc.Library)]
    private static partial int access(byte* path, int mode);

    [LibraryImport(Libc.Library)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport(Libc.Library)]
    private static partial int kill(int process, int signal);

    [LibraryImport(Libc.Library)]
    private static partial int getpgid(int process);

    [LibraryImport(Libc.Library)]
    private static partial int waitid(int type, int id, byte* information, int options);

    [LibraryImport(Libc.Library)]
    private static partial int waitpid(int process, int* status, int options);
}
