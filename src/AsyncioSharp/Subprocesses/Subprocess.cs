using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// A process that was started by <see cref="Asyncio.CreateSubprocessExecAsync"/> or
/// <see cref="Asyncio.CreateSubprocessShellAsync"/> (<c>asyncio.subprocess.Process</c>). With <c>await using</c> it ends with the
/// block at the latest.
/// </summary>
public sealed partial class Subprocess : IAsyncDisposable
{
    private readonly ChildProcess _child;

    private Subprocess(ChildProcess child, AsyncStreamWriter? input, AsyncStreamReader? output, AsyncStreamReader? error)
    {
        _child = child;
        StandardInput = input;
        StandardOutput = output;
        StandardError = error;
    }

    /// <summary>The number of the process (<c>pid</c>).</summary>
    public int ProcessId => _child.Id;

    /// <summary>
    /// Its exit code (<c>returncode</c>); null until its end was seen. If a signal has ended it, the signal's number, negated.
    /// (By loops that use <see cref="System.Diagnostics.Process"/>, only if the signal was sent from here; otherwise 128 more than
    /// the number.)
    /// </summary>
    public int? ReturnCode => _child.ExitCode;

    /// <summary>Writes to it (<c>stdin</c>); null unless this is <see cref="Stdio.Pipe"/>.</summary>
    public AsyncStreamWriter? StandardInput { get; }

    /// <summary>Reads what it writes (<c>stdout</c>); null unless this is <see cref="Stdio.Pipe"/>.</summary>
    public AsyncStreamReader? StandardOutput { get; }

    /// <summary>Reads its errors (<c>stderr</c>); null unless this is <see cref="Stdio.Pipe"/>.</summary>
    public AsyncStreamReader? StandardError { get; }

    /// <summary>
    /// Waits for its end (<c>wait()</c>), and not for its pipes': other processes may keep them open, and what it has written is
    /// still there to be read. If the wait is cancelled the process goes on.
    /// </summary>
    /// <remarks>A process that writes more than is read waits for a reader, and does not end.</remarks>
    /// <returns>Its exit code (<see cref="ReturnCode"/>).</returns>
    public Coroutine<int> WaitAsync() => ReturnCode is { } code ? Coroutine.FromResult(code) : WaitForEndAsync();

    /// <summary>Sends it a signal (<c>send_signal()</c>).</summary>
    /// <inheritdoc cref="SubprocessTransport.SendSignal(int)"/>
    public bool SendSignal(int signal) => _child.Send(signal);

    /// <summary>Sends it a signal (<c>send_signal()</c>).</summary>
    /// <inheritdoc cref="SubprocessTransport.SendSignal(PosixSignal)"/>
    public bool SendSignal(PosixSignal signal) => SendSignal(SignalNumbers.Of(signal));

    /// <summary>Asks it to end, by SIGTERM (<c>terminate()</c>). On Windows it is ended at once.</summary>
    /// <returns>False if it has ended.</returns>
    public bool Terminate() => SendSignal(ChildProcess.TerminateSignal);

    /// <summary>Ends it at once (<c>kill()</c>).</summary>
    /// <param name="entireProcessTree">Whether what it has started ends too.</param>
    /// <returns>False if it has ended.</returns>
    public bool Kill(bool entireProcessTree = false) => _child.Kill(entireProcessTree);

    /// <summary>What it is, and how far.</summary>
    public override string ToString() =>
        $"<Subprocess {_child.Start.Program} pid={ProcessId} {(ReturnCode is { } code ? $"returncode={code}" : "running")}>";

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    internal static async Coroutine<Subprocess> StartAsync(ProcessStart start)
    {
        var loop = EventLoop.Running;
        var protocols = new StreamProtocol?[3];
        var readers = new AsyncStreamReader[3];
        for (var i = 0; i < protocols.Length; i++)
        {
            if (start.Streams[i].Kind == StdioKind.Pipe)
                protocols[i] = new StreamReaderProtocol(readers[i] = new AsyncStreamReader(start.Options.Limit, loop));
        }
        var transports = new Transport?[3];
        var child = await loop.StartChildAsync(start, protocols, transports);
        var input = transports[0] is { } transport ? new AsyncStreamWriter(transport, (StreamReaderProtocol)protocols[0]!) : null;
        return new Subprocess(child, input, readers[1], readers[2]) { _transports = transports };
    }

    private async Coroutine<int> WaitForEndAsync()
    {
        while (_child.ExitCode is null)
            await _child.Exited.WaitAsync(); // woken too where it cannot be ended
        return _child.ExitCode.Value;
    }
}
