using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

/// <summary>One listening socket of a <see cref="Server"/>. A loop's own class accepts on it.</summary>
internal abstract class Listener
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private protected readonly Server Server;

    private readonly EventLoop _loop;
    private readonly Func<StreamProtocol> _factory;
    private TimerHandle _retry;
    private bool _reported;

    private protected Listener(EventLoop loop, Server server, Socket socket, Func<StreamProtocol> factory, ServerOptions options)
    {
        _loop = loop;
        _factory = factory;
        Server = server;
        Socket = socket;
        Backlog = options.Backlog;
        File = socket.AddressFamily == AddressFamily.Unix && options.CleanUpSocket ? UnixSocketFile.Of(socket) : null;
        loop.Listeners.Add(this);
        if (loop.Debug)
            loop.Origins!.Note(this);
    }

    public Socket Socket { get; }

    /// <summary>The file that is to be removed with the socket.</summary>
    private UnixSocketFile? File { get; set; }

    /// <summary>How many connections may wait to be accepted, and how many are accepted in a turn besides one.</summary>
    private protected int Backlog { get; }

    private protected bool IsClosed { get; private set; }

    /// <summary>Begins to accept.</summary>
    public abstract void Start();

    /// <summary>Begins to accept again. If that cannot be, it is tried later.</summary>
    public void Resume()
    {
        try
        {
            Start();
        }
        catch (SocketException e)
        {
            Pause(e);
        }
    }

    /// <summary>Accepts no more until it is started again.</summary>
    public void Stop()
    {
        StopAccepting();
        _retry.Cancel();
    }

    /// <summary>Accepts no more, and closes the socket.</summary>
    public void Close()
    {
        if (IsClosed)
            return;
        _retry.Cancel();
        OnLoopClosing();
        _loop.Listeners.Remove(this);
    }

    /// <summary>Accepts no more, and leaves the socket to the listener of another loop (<see cref="TakeOver"/>), or to whoever disposes of
    /// it.</summary>
    public void LetGo()
    {
        Stop();
        OnLetGo();
        _loop.Listeners.Remove(this);
    }

    /// <summary>Has the socket of another listener, which has let it go.</summary>
    public void TakeOver(Listener other) => File = other.File;

    /// <summary>The loop closes: the socket is given back, and nobody called.</summary>
    public void OnLoopClosing()
    {
        IsClosed = true;
        StopAccepting();
        Dispose();
    }

    /// <summary>Closes the socket, of one that accepts no more. On any thread.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        try
        {
            File?.Remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _loop.Report(LogLevel.Error, $"The socket's file {File} cannot be removed.", e, ReportKind.SocketFileNotRemoved);
        }
    }

    public override string ToString() => $"<Listener {SocketEndPoints.Local(Socket)}>";

    /// <summary>Accepts no more for now.</summary>
    private protected abstract void StopAccepting();

    /// <summary>It will not accept any more. Connections that it has, and those that come to it nevertheless, are the other parts'
    /// (<see cref="Server.PassOn(System.Net.Sockets.Socket)"/>).</summary>
    private protected virtual void OnLetGo() { }

    /// <summary>A connection was accepted: the server on another loop that is to have it; null if it stays here.</summary>
    /// <param name="descriptor">The connection's.</param>
    private protected Server? ChooseOther(nint descriptor) => Server.Balancer?.ChooseOther(Server, descriptor);

    /// <summary>A connection was accepted: makes its protocol.</summary>
    /// <returns>The protocol; null if there is none, and the connection is to be closed.</returns>
    private protected StreamProtocol? MakeProtocol()
    {
        _reported = false;
        _loop.Counters.ConnectionsAccepted++;
        try
        {
            var protocol = EventLoop.MakeProtocol(_factory);
            return IsClosed ? null : protocol; // the factory may close the server, which takes no more clients
        }
        catch (Exception e)
        {
            ReportUnmade(e);
            return null;
        }
    }

    /// <summary>An accepted connection came to nothing.</summary>
    private protected void ReportUnmade(Exception exception) =>
        Report("A connection was accepted and closed again, as it could not be set up.", exception);

    /// <summary>
    /// Accepting failed. Without descriptors or memory there is no use in trying at once; the connections wait in the
    /// system's queue.
    /// </summary>
    private protected void Pause(SocketException error)
    {
        StopAccepting();
        _retry = _loop.CallLater(s_pause, static listener => listener.Retry(), this);
        if (_reported)
            return;
        _reported = true;
        _loop.Spare!.LendTo(static state => state.Listener.ReportPause(state.Error), (Listener: this, Error: error));
    }

    private void ReportPause(SocketException error) => Report(
        error.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
            ? "The system has no resources left to accept connections. It is tried again each second."
            : "Connections cannot be accepted. It is tried again each second.",
        error);

    private void Retry()
    {
        if (!IsClosed && !Server.IsFull)
            Resume();
    }

    private void Report(string what, Exception exception) =>
        _loop.CallExceptionHandler(new ExceptionContext(what) { Exception = exception, Source = this });
}
