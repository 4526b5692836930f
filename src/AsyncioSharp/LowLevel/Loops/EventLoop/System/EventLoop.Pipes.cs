using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    /// <summary>Reads from a pipe by a protocol (<c>loop.connect_read_pipe()</c>).</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol. At the end of the pipe it is told so, and then that the connection is
    /// lost.</param>
    /// <param name="pipe">The pipe's reading end, or a socket or terminal. The transport takes it over, and closes it. On loops
    /// over epoll it is made non-blocking, for everybody who shares the open file.</param>
    /// <returns>The transport, which cannot be written to, and the protocol, which was told of it.</returns>
    /// <exception cref="ArgumentException">It is a regular file, or the like.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    /// <exception cref="NotSupportedException">This loop has no pipes.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> ConnectReadPipeAsync<TProtocol>(Func<TProtocol> factory, SafeHandle pipe)
        where TProtocol : StreamProtocol => ConnectPipeAsync(factory, PipeHandle.Of(pipe), toWrite: false);

    /// <inheritdoc cref="ConnectReadPipeAsync{TProtocol}(Func{TProtocol}, SafeHandle)"/>
    /// <param name="factory">Makes the protocol. At the end of the pipe it is told so, and then that the connection is
    /// lost.</param>
    /// <param name="pipe">A <see cref="FileStream"/> or <see cref="System.IO.Pipes.PipeStream"/>, to be read. The transport
    /// takes it over, and closes it.</param>
    public Coroutine<(Transport Transport, TProtocol Protocol)> ConnectReadPipeAsync<TProtocol>(Func<TProtocol> factory, Stream pipe)
        where TProtocol : StreamProtocol => ConnectPipeAsync(factory, PipeHandle.Of(pipe), toWrite: false);

    /// <summary>Writes to a pipe (<c>loop.connect_write_pipe()</c>).</summary>
    /// <typeparam name="TProtocol">The protocol's type.</typeparam>
    /// <param name="factory">Makes the protocol. It is told when to pause and resume writing, and when the reader has gone.</param>
    /// <param name="pipe">The pipe's writing end, or a socket or terminal. The transport takes it over, and closes it. On loops
    /// over epoll it is made non-blocking, for everybody who shares the open file.</param>
    /// <returns>The transport, which reads nothing, and the protocol, which was told of it.</returns>
    /// <exception cref="ArgumentException">It is a regular file, or the like.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    /// <exception cref="NotSupportedException">This loop has no pipes.</exception>
    public Coroutine<(Transport Transport, TProtocol Protocol)> ConnectWritePipeAsync<TProtocol>(Func<TProtocol> factory, SafeHandle pipe)
        where TProtocol : StreamProtocol => ConnectPipeAsync(factory, PipeHandle.Of(pipe), toWrite: true);

    /// <inheritdoc cref="ConnectWritePipeAsync{TProtocol}(Func{TProtocol}, SafeHandle)"/>
    /// <param name="factory">Makes the protocol. It is told when to pause and resume writing, and when the reader has gone.</param>
    /// <param name="pipe">A <see cref="FileStream"/> or <see cref="System.IO.Pipes.PipeStream"/>, to be written. The transport
    /// takes it over, and closes it.</param>
    public Coroutine<(Transport Transport, TProtocol Protocol)> ConnectWritePipeAsync<TProtocol>(Func<TProtocol> factory, Stream pipe)
        where TProtocol : StreamProtocol => ConnectPipeAsync(factory, PipeHandle.Of(pipe), toWrite: true);

    /// <summary>Makes the transport of a pipe. It owns the pipe from then on.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="toWrite">Whether it is to be written; otherwise read.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="made">To be completed when the protocol was told.</param>
    /// <exception cref="ArgumentException">It is a regular file, or the like.</exception>
    private protected virtual Transport StartPipe(PipeHandle pipe, bool toWrite, StreamProtocol protocol, Future<bool> made) => throw NoNetwork();

    private Coroutine<(Transport Transport, TProtocol Protocol)> ConnectPipeAsync<TProtocol>(Func<TProtocol> factory, PipeHandle pipe, bool toWrite)
        where TProtocol : StreamProtocol
    {
        ArgumentNullException.ThrowIfNull(factory);
        CheckNetwork();
        return StartPipeAsync(factory, pipe, toWrite);
    }

    private async Coroutine<(Transport Transport, TProtocol Protocol)> StartPipeAsync<TProtocol>(
        Func<TProtocol> factory, PipeHandle pipe, bool toWrite)
        where TProtocol : StreamProtocol
    {
        var made = CreateFuture<bool>();
        var protocol = MakeProtocol(factory);
        var transport = StartPipe(pipe, toWrite, protocol, made);
        await ToBeginAsync(transport, made);
        return (transport, protocol);
    }
}
