using System.ComponentModel;

namespace AsyncioSharp.LowLevel;

/// <summary>Why a process could not be started, as .NET's exceptions, each with the system's error inside.</summary>
internal static class StartErrors
{
    private const int BadFormat = 8; // ENOEXEC
    private const int NoDirectory = 20; // ENOTDIR
    private const int TooLong = 7; // E2BIG

    public static Exception NotFound(string program, string? searched) => new FileNotFoundException(
        program.Contains(' ')
            ? $"There is no program '{program}'. Is it a command line? " +
                "The program and its arguments are given separately (\"ls\", [\"-l\"]); CreateSubprocessShellAsync takes a whole line."
            : $"The program '{program}' is in none of the directories of PATH{(searched is null ? "" : $" ({searched})")}. " +
                "Give its full path, or have PATH name its directory.",
        program, new Win32Exception(Errno.ENOENT));

    /// <summary>The exception for an error of the system.</summary>
    /// <param name="error">The error number.</param>
    /// <param name="start">What was to be started.</param>
    /// <param name="path">The program's path.</param>
    public static Exception FromErrno(int error, ProcessStart start, string path)
    {
        var inner = new Win32Exception(error);
        // One number for both: what is wrong is looked for afterwards.
        if (start.Options.WorkingDirectory is { } directory && error is Errno.ENOENT or Errno.EACCES or NoDirectory)
        {
            if (!Directory.Exists(directory))
                return new DirectoryNotFoundException($"'{start.Program}' cannot start in '{directory}', which is not a directory.", inner);
            if (!PosixProcess.IsExecutable(directory))
                return new UnauthorizedAccessException($"'{start.Program}' cannot start in '{directory}', which this program may not enter.", inner);
            path = Path.Combine(directory, path);
        }
        return error switch
        {
            Errno.ENOENT when File.Exists(path) => new FileNotFoundException(
                $"'{path}' is there, but not what is to run it: look at its first line (#!), or at the loader that it was built for.", path, inner),
            Errno.ENOENT or NoDirectory => new FileNotFoundException($"There is no program '{path}'.", path, inner),
            Errno.EACCES or Errno.EPERM => new UnauthorizedAccessException(
                $"'{path}' may not be executed: it has no permission for that (chmod +x), or is a directory.", inner),
            BadFormat => new IOException(
                $"'{path}' is neither a program for this machine nor a script whose first line names its interpreter (#!).", inner),
            TooLong => new IOException($"The arguments and the environment of '{start.Program}' are longer than the system allows.", inner),
            Errno.EAGAIN => new IOException(
                $"'{start.Program}' cannot be started: this user or container has no processes left (ulimit -u, pids.max).", inner),
            Errno.EMFILE or Errno.ENFILE => new IOException(
                $"'{start.Program}' cannot be started: there are no descriptors left (ulimit -n).", inner),
            _ => new IOException($"'{start.Program}' cannot be started: {inner.Message}", inner),
        };
    }

    /// <summary>The exception for one of <see cref="System.Diagnostics.Process"/>.</summary>
    public static Exception FromManaged(Win32Exception inner, ProcessStart start)
    {
        const int WindowsNotFound = 2, WindowsNoPath = 3, WindowsNoPermission = 5, WindowsBadDirectory = 267;
        if (start.Options.WorkingDirectory is { } directory && !Directory.Exists(directory))
            return new DirectoryNotFoundException($"'{start.Program}' cannot start in '{directory}', which is not a directory.", inner);
        var message = $"'{start.Program}' cannot be started: {inner.Message}";
        return (OperatingSystem.IsWindows(), inner.NativeErrorCode) switch
        {
            (true, WindowsNotFound or WindowsNoPath or WindowsBadDirectory) or (false, Errno.ENOENT) => new FileNotFoundException(
                message, start.Program, inner),
            (true, WindowsNoPermission) or (false, Errno.EACCES) => new UnauthorizedAccessException(message, inner),
            _ => new IOException(message, inner),
        };
    }
}
