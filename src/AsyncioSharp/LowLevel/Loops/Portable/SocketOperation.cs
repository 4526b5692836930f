using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// What a socket is asked to do in its own time: one thing at a time, the same object again and again. .NET tells on some
/// thread that it has ended; the owner is told on the loop's.
/// </summary>
internal sealed class SocketOperation : InboxItem
{
    private readonly EventLoop _loop;
    private readonly ISocketOwner _owner;
    private readonly ExecutionContext? _context;
    private bool _disposed;

    public SocketOperation(EventLoop loop, ISocketOwner owner)
    {
        _loop = loop;
        _owner = owner;
        _context = loop.ContextToKeep(null);
        Arguments = new Signal(this);
    }

    /// <summary>What it is about, for <see cref="Socket"/>'s methods.</summary>
    public SocketAsyncEventArgs Arguments { get; }

    /// <summary>What becomes of a connection that is accepted when this was disposed of, or its loop has closed. By default it is closed.
    /// Called on any thread.</summary>
    public Action<Socket>? PassesOn { get; set; }

    /// <summary>Whether it has begun, and the owner was not told of its end.</summary>
    public bool IsPending { get; private set; }

    /// <summary>
    /// A method of <see cref="Socket"/> was called with <see cref="Arguments"/>.
    /// </summary>
    /// <param name="pending">What it returned.</param>
    /// <returns>True if the end comes later; false if it has come, and the owner is not told.</returns>
    public bool Began(bool pending) => IsPending = pending;

    /// <summary>It is needed no more. If it is pending, its end is not told.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (!IsPending)
            Arguments.Dispose();
    }

    internal override void Run()
    {
        IsPending = false;
        if (_disposed)
        {
            Dropped();
            return;
        }
        if (_context is not null)
            ExecutionContext.Restore(_context); // the loop restores its own after each callback
        _owner.OnCompleted(this);
    }

    internal override void Dropped()
    {
        var accepted = Arguments.AcceptSocket;
        if (accepted is null || PassesOn is null || Arguments.SocketError != SocketError.Success)
            accepted?.Dispose();
        else
            PassesOn(accepted);
        Arguments.Dispose();
    }

    private sealed class Signal(SocketOperation operation) : SocketAsyncEventArgs(true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e) => operation._loop.PostOrDrop(operation);
    }
}
