using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A subprocess and its pipes (<c>asyncio.SubprocessTransport</c>).</summary>
public sealed class SubprocessTransport
{
    private readonly EventLoop _loop;
    private readonly ProcessStart _start;
    private readonly SubprocessPipe?[] _pipes = new SubprocessPipe?[3];
    private readonly Transport?[] _transports = new Transport?[3];
    private SubprocessProtocol _protocol;
    private ChildProcess? _child;
    private bool _begun;
    private bool _finished;

    internal SubprocessTransport(EventLoop loop, SubprocessProtocol protocol, ProcessStart start)
    {
        _loop = loop;
        _protocol = protocol;
        _start = start;
        for (var i = 0; i < _pipes.Length; i++)
            _pipes[i] = start.Streams[i].Kind == StdioKind.Pipe ? new SubprocessPipe(this, i) : null;
    }

    /// <summary>The number of the process (<c>get_pid()</c>).</summary>
    public int ProcessId => _child!.Id;

    /// <summary>Its exit code (<c>get_returncode()</c>); null until it has ended, negative if a signal has ended it.</summary>
    public int? ReturnCode => _child!.ExitCode;

    /// <summary>Whether it is closed (<c>is_closing()</c>).</summary>
    public bool IsClosing { get; private set; }

    /// <summary>The protocol that is told what happens (<c>get_protocol()</c>).</summary>
    public SubprocessProtocol GetProtocol() => _protocol;

    /// <summary>Has another protocol told from now on (<c>set_protocol()</c>).</summary>
    /// <param name="protocol">The protocol. Its <see cref="SubprocessProtocol.ConnectionMade"/> is not called.</param>
    public void SetProtocol(SubprocessProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        _loop.CheckThread();
        _protocol = protocol;
    }

    /// <summary>The transport of a pipe (<c>get_pipe_transport()</c>).</summary>
    /// <param name="descriptor">0 for the standard input, to write to; 1 and 2 for the standard output and error, to pause and
    /// resume.</param>
    /// <returns>Null if this is no pipe.</returns>
    public Transport? GetPipeTransport(int descriptor) => (uint)descriptor < (uint)_transports.Length ? _transports[descriptor] : null;

    /// <summary>Sends the process a signal (<c>send_signal()</c>).</summary>
    /// <param name="signal">The signal's number on this system.</param>
    /// <returns>False if it has ended, where asyncio raises an exception that nobody can avoid.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such signal.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has changed its user.</exception>
    public bool SendSignal(int signal) => _child!.Send(signal);

    /// <inheritdoc cref="SendSignal(int)"/>
    /// <param name="signal">The signal.</param>
    public bool SendSignal(PosixSignal signal) => SendSignal(SignalNumbers.Of(signal));

    /// <summary>Asks the process to end, by SIGTERM (<c>terminate()</c>). On Windows it is ended at once.</summary>
    /// <returns>False if it has ended.</returns>
    public bool Terminate() => SendSignal(ChildProcess.TerminateSignal);

    /// <summary>Ends the process at once (<c>kill()</c>).</summary>
    /// <param name="entireProcessTree">Whether what it has started ends too.</param>
    /// <returns>False if it has ended.</returns>
    public bool Kill(bool entireProcessTree = false) => _child!.Kill(entireProcessTree);

    /// <summary>Closes the pipes and ends the process if it runs (<c>close()</c>). The protocol is told as ever. A process that has changed
    /// its user, and may not be killed, goes on.</summary>
    public void Close()
    {
        _loop.CheckThread();
        if (IsClosing)
            return;
        IsClosing = true;
        foreach (var transport in _transports)
            transport?.Close();
        try
        {
            _child!.Kill(entireProcessTree: false);
        }
        catch (UnauthorizedAccessException)
        {
            // As in asyncio: it has changed its user, and may end as it has lost its pipes.
        }
    }

    /// <summary>What it is, and how far.</summary>
    public override string ToString() => $"<SubprocessTransport {_start.Program} {State}>";

    private string State => _child is null
        ? "not started"
        : ReturnCode is { } code ? $"pid={ProcessId} returncode={code}" : $"pid={ProcessId} running";

    internal async Coroutine StartAsync()
    {
        _child = await _loop.StartChildAsync(_start, _pipes, _transports);
        _begun = true;
        Tell("ConnectionMade", static (protocol, transport) => protocol.ConnectionMade(transport));
        for (var i = 1; i < _transports.Length; i++)
            _transports[i]?.ResumeReading();
        for (var i = 0; i < _pipes.Length; i++)
        {
            if (_pipes[i] is { IsLost: true })
                OnPipeLost(i, null);
        }
        _child.WhenEnded(OnExited);
    }

    internal void OnPipeData(int descriptor, ReadOnlySpan<byte> data)
    {
        try
        {
            _protocol.PipeDataReceived(descriptor, data);
        }
        catch (Exception e)
        {
            _loop.ReportProtocol(_protocol, "PipeDataReceived failed", e, this);
        }
    }

    internal void OnPipeLost(int descriptor, Exception? exception)
    {
        if (!_begun)
            return; // told later
        try
        {
            _protocol.PipeConnectionLost(descriptor, exception);
        }
        catch (Exception e)
        {
            _loop.ReportProtocol(_protocol, "PipeConnectionLost failed", e, this);
        }
        FinishIfOver();
    }

    private void OnExited()
    {
        if (!_child!.NoticesLostReader)
            _transports[0]?.Abort();
        Tell("ProcessExited", static (protocol, _) => protocol.ProcessExited());
        FinishIfOver();
    }

    private void FinishIfOver()
    {
        if (_finished || _child?.ExitCode is null)
            return;
        foreach (var pipe in _pipes)
        {
            if (pipe is { IsLost: false })
                return;
        }
        _finished = true;
        _loop.CallSoon(static transport => transport.Tell("ConnectionLost", static (protocol, _) => protocol.ConnectionLost(null)), this);
    }

    private void Tell(string what, Action<SubprocessProtocol, SubprocessTransport> call)
    {
        try
        {
            call(_protocol, this);
        }
        catch (Exception e)
        {
            _loop.ReportProtocol(_protocol, $"{what} failed", e, this);
        }
    }
}
