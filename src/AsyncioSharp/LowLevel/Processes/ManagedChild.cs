using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

/// <summary>A child on every system, by <see cref="Process"/>: with what that can do, and no more.</summary>
internal sealed partial class ManagedChild : ChildProcess
{
    private const int SignalExitCodes = 128; // .NET's for a process that a signal has ended, plus the signal
    private const int MaxSignal = 64;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private ulong _signalsSent;

    /// <summary>Starts it.</summary>
    /// <param name="loop">Its loop.</param>
    /// <param name="start">What is to be started.</param>
    /// <param name="pipes">Takes this program's ends of its pipes.</param>
    public ManagedChild(EventLoop loop, ProcessStart start, PipeHandle?[] pipes)
        : base(loop, start)
    {
        CheckSupported();
        _process = new Process { StartInfo = Information(), EnableRaisingEvents = true };
        _process.Exited += (_, _) => Loop.PostOrDrop(new ThreadsafeCallback(OnExited, null));
        try
        {
            _process.Start();
        }
        catch (Win32Exception e)
        {
            _process.Dispose();
            throw StartErrors.FromManaged(e, start);
        }
        Id = _process.Id;
        TakePipes(pipes);
    }

    public override int Id { get; }

    // A write fails, but without one .NET has no way to look.
    public override bool NoticesLostReader => false;

    // Unlike PosixChild's, this may hit another process: .NET reaps children on a thread of its own, and one that has ended since it was
    // looked at may have left its number to somebody else.
    private protected override bool SendNow(int signal)
    {
        if (ExitCode is not null || _process.HasExited)
            return false;
        if (signal == KillSignal || (signal == TerminateSignal && OperatingSystem.IsWindows()))
        {
            EndProcess(entireProcessTree: false);
        }
        else if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("On Windows a process can be ended, and sent no other signal.");
        }
        else if (!IsSent(Faults.Strike("kill") || kill(Id, signal) < 0 ? Marshal.GetLastSystemError() : 0, signal))
        {
            return false;
        }
        if (signal is > 0 and < MaxSignal)
            _signalsSent |= 1UL << signal;
        return true;
    }

    private protected override bool KillNow(bool entireProcessTree)
    {
        if (ExitCode is not null || _process.HasExited)
            return false;
        IsEnding = true;
        EndProcess(entireProcessTree || Start.Options.KillEntireProcessTree);
        _signalsSent |= 1UL << KillSignal;
        return true;
    }

    private protected override int? KillAndWait()
    {
        KillNow(Start.Options.KillEntireProcessTree);
        int? exitCode = _process.WaitForExit(s_patience) ? TranslatedExitCode() : null;
        _process.Dispose();
        return exitCode;
    }

    private protected override void Abandon() => _process.Dispose();

    private void EndProcess(bool entireProcessTree)
    {
        try
        {
            if (Faults.Strike("kill"))
                throw new Win32Exception(Marshal.GetLastSystemError());
            if (entireProcessTree)
                EndTree();
            else
                _process.Kill();
        }
        catch (Win32Exception e)
        {
            throw new UnauthorizedAccessException($"{this} cannot be killed: {e.Message}", e);
        }
    }

    private void EndTree()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (AggregateException)
        {
            _process.Kill(); // of what it has started, something may be another user's; what becomes of itself is what is told
        }
    }

    private void OnExited()
    {
        if (ExitCode is not null)
            return;
        var exitCode = TranslatedExitCode();
        _process.Dispose();
        End(exitCode);
    }

    // .NET does not tell a signal from an exit code of the same number. What was sent from here is taken for the signal.
    private int TranslatedExitCode()
    {
        var exitCode = _process.ExitCode;
        var signal = exitCode - SignalExitCodes;
        return !OperatingSystem.IsWindows() && signal is > 0 and < MaxSignal && (_signalsSent & 1UL << signal) != 0 ? -signal : exitCode;
    }

    private void CheckSupported()
    {
        var options = Start.Options;
        foreach (var stream in Start.Streams)
        {
            if (stream.Kind is StdioKind.Handle or StdioKind.File or StdioKind.ToStandardOutput)
                throw NotSupported($"{nameof(Stdio)}.{stream.Kind}");
        }
        if (options.NewSession)
            throw NotSupported(nameof(options.NewSession));
        if (options.ProcessGroup is not null)
            throw NotSupported(nameof(options.ProcessGroup));
        if (options.ExtraDescriptors is { Count: > 0 })
            throw NotSupported(nameof(options.ExtraDescriptors));
    }

    private NotSupportedException NotSupported(string what) =>
        new($"{Loop.GetType().Name} starts processes by System.Diagnostics.Process, which cannot do this: {what}. " +
            $"{nameof(EpollEventLoop)}, the loop for Linux, can.");

    private ProcessStartInfo Information()
    {
        var information = new ProcessStartInfo(Start.Program)
        {
            UseShellExecute = false,
            WorkingDirectory = Start.Options.WorkingDirectory,
            RedirectStandardInput = Start.Streams[0].Kind != StdioKind.Inherit,
            RedirectStandardOutput = Start.Streams[1].Kind != StdioKind.Inherit,
            RedirectStandardError = Start.Streams[2].Kind != StdioKind.Inherit,
        };
        foreach (var argument in Start.Arguments)
            information.ArgumentList.Add(argument);
        if (Start.Options.Environment is not null || Start.Options.EnvironmentChanges is not null)
        {
            information.Environment.Clear();
            foreach (var (name, value) in Start.MakeEnvironment())
                information.Environment[name] = value;
        }
        return information;
    }

    private void TakePipes(PipeHandle?[] pipes)
    {
        for (var i = 0; i < pipes.Length; i++)
        {
            var kind = Start.Streams[i].Kind;
            if (kind == StdioKind.Inherit)
                continue;
            var stream = i switch
            {
                0 => _process.StandardInput.BaseStream,
                1 => _process.StandardOutput.BaseStream,
                _ => _process.StandardError.BaseStream,
            };
            if (kind == StdioKind.Pipe)
                pipes[i] = PipeHandle.Of(stream);
            else if (i == 0)
                stream.Dispose(); // which reads as empty
            else
                _ = DrainAsync(stream);
        }
    }

    private async Task DrainAsync(Stream stream)
    {
        try
        {
            await using (stream)
                await stream.CopyToAsync(Stream.Null).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Loop.Report(LogLevel.Warning, $"What {this} writes could not be dropped.", e);
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
