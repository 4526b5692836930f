using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private HashSet<ChildProcess>? _children;

    /// <summary>The processes that were started and have not ended.</summary>
    internal HashSet<ChildProcess> Children => _children ??= [];

    /// <summary>Starts a program that a protocol talks to (<c>loop.subprocess_exec()</c>).</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol.</param>
    /// <param name="program">The program: a path, or a name that is looked for in <c>PATH</c>.</param>
    /// <param name="arguments">Its arguments, which reach it as they are.</param>
    /// <param name="options">How it is started. What is not said of its standard streams is a pipe.</param>
    /// <returns>The transport and the protocol, which was told of it.</returns>
    /// <exception cref="ArgumentException">The program's name is empty, a text holds a null character, or the options contradict each
    /// other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number in the options is too small.</exception>
    /// <exception cref="FileNotFoundException">There is no such program, or nothing that can run it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such working directory.</exception>
    /// <exception cref="UnauthorizedAccessException">The program may not be executed, or the directory not be entered.</exception>
    /// <exception cref="IOException">There are no descriptors or processes left, or the program is none.</exception>
    /// <exception cref="NotSupportedException">This loop has no processes, or not what the options ask for.</exception>
    public Coroutine<(SubprocessTransport Transport, TProtocol Protocol)> SubprocessExecAsync<TProtocol>(
        Func<TProtocol> factory, string program, IEnumerable<string>? arguments = null, SubprocessOptions? options = null)
        where TProtocol : SubprocessProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentException.ThrowIfNullOrEmpty(program);
        return SubprocessAsync(factory, new ProcessStart(program, [.. arguments ?? []], options ?? new SubprocessOptions(), Stdio.Pipe));
    }

    /// <summary>Has the shell run a command that a protocol talks to (<c>loop.subprocess_shell()</c>).</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol.</param>
    /// <param name="command">The command line. What comes from elsewhere has no place in it: the shell takes it apart.</param>
    /// <param name="options">How it is started. What is not said of its standard streams is a pipe.</param>
    /// <returns>The transport and the protocol, which was told of it.</returns>
    /// <inheritdoc cref="SubprocessExecAsync{TProtocol}" path="/exception"/>
    public Coroutine<(SubprocessTransport Transport, TProtocol Protocol)> SubprocessShellAsync<TProtocol>(
        Func<TProtocol> factory, string command, SubprocessOptions? options = null)
        where TProtocol : SubprocessProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentException.ThrowIfNullOrEmpty(command);
        return SubprocessAsync(factory, ProcessStart.Shell(command, options ?? new SubprocessOptions(), Stdio.Pipe));
    }

    /// <summary>Starts a process and makes the transports of its pipes.</summary>
    /// <param name="start">What is to be started.</param>
    /// <param name="protocols">The protocols of its pipes, by descriptor.</param>
    /// <param name="transports">Takes the pipes' transports.</param>
    internal async Coroutine<ChildProcess> StartChildAsync(ProcessStart start, StreamProtocol?[] protocols, Transport?[] transports)
    {
        CheckNetwork();
        var pipes = new PipeHandle?[3];
        var child = StartProcess(start, pipes);
        Children.Add(child);
        try
        {
            Future<bool>? made = null;
            for (var i = 0; i < pipes.Length; i++)
            {
                if (pipes[i] is not { } pipe)
                    continue;
                made = CreateFuture<bool>();
                transports[i] = StartPipe(pipe, toWrite: i == 0, protocols[i]!, made);
                pipes[i] = null;
            }
            child.Input = transports[0];
            if (made is not null)
                await made; // they begin in their order, so that the last is the last
            return child;
        }
        catch
        {
            // Whoever is cancelled here never gets it.
            KillUnowned(child);
            foreach (var transport in transports)
                transport?.Abort();
            foreach (var pipe in pipes)
                pipe?.Close();
            throw;
        }
    }

    /// <summary>Starts a process.</summary>
    /// <param name="start">What is to be started.</param>
    /// <param name="pipes">Takes this program's ends of its pipes.</param>
    private protected virtual ChildProcess StartProcess(ProcessStart start, PipeHandle?[] pipes) => new ManagedChild(this, start, pipes);

    private async Coroutine<(SubprocessTransport Transport, TProtocol Protocol)> SubprocessAsync<TProtocol>(
        Func<TProtocol> factory, ProcessStart start)
        where TProtocol : SubprocessProtocol
    {
        var protocol = MakeProtocol(factory);
        var transport = new SubprocessTransport(this, protocol, start);
        await transport.StartAsync();
        return (transport, protocol);
    }

    // What has kept it from its owner is what is told.
    private void KillUnowned(ChildProcess child)
    {
        try
        {
            child.Kill(entireProcessTree: true);
        }
        catch (Exception e)
        {
            Report(LogLevel.Warning, $"{child} was started for nobody, could not be killed, and goes on.", e);
        }
    }

    private void CloseChildren()
    {
        if (_children is { Count: > 0 } children)
            CloseAll(children);
    }

    private static void CloseAll(HashSet<ChildProcess> children)
    {
        foreach (var child in children)
            child.OnLoopClosing();
        children.Clear();
    }
}
