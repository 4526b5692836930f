using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace AsyncioSharp.AspNetCore;

/// <summary>
/// A connection as Kestrel sees it. What runs for it on its loop does so on behalf of a task, which lives as long as the
/// connection is there, and is cancelled when the client goes.
/// </summary>
internal sealed partial class AsyncioConnection : ConnectionContext, IDuplexPipe
{
    private static long s_lastId = DateTime.UtcNow.Ticks;

    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AsyncioConnectionListener _listener;
    private readonly MemoryPool<byte> _pool;
    private EventLoop _loop;
    private Transport? _transport; // null once it was lost between two loops
    private ConnectionTask _task;
    private FeatureCollection? _features;
    private IDictionary<object, object?>? _items;
    private string? _id;
    private int _disposed;
    private int _ended;
    private Exception? _failure;

    public AsyncioConnection(
        EventLoop loop, AsyncioConnectionListener listener, Transport transport, AsyncioTransportOptions options, MemoryPool<byte> pool)
    {
        _loop = loop;
        _listener = listener;
        _transport = transport;
        _pool = pool;
        LocalEndPoint = transport.LocalEndPoint;
        RemoteEndPoint = transport.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Reader = new LoopPipeReader(this, options.MaxReadBufferSize ?? long.MaxValue);
        Writer = new LoopPipeWriter(this, options.MaxWriteBufferSize ?? int.MaxValue);
        _task = new ConnectionTask(loop);
    }

    /// <summary>The loop that owns it, or on which it is about to arrive.</summary>
    public EventLoop Loop => Volatile.Read(ref _loop);

    /// <summary>What carries it; null if it was lost on its way to another loop.</summary>
    public Transport? Carrier => _transport;

    /// <summary>What code captures that runs on behalf of the connection's task.</summary>
    public SynchronizationContext? OwnContext => _task.Context;

    public LoopPipeReader Reader { get; }

    public LoopPipeWriter Writer { get; }

    PipeReader IDuplexPipe.Input => Reader;

    PipeWriter IDuplexPipe.Output => Writer;

    public override string ConnectionId
    {
        get => _id ??= $"A{Interlocked.Increment(ref s_lastId):X}";
        set => _id = value;
    }

    public override IFeatureCollection Features => _features ??= MakeFeatures();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport
    {
        get => field ?? this;
        set;
    }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    /// <summary>Runs code on the loop's thread, on behalf of the connection's task.</summary>
    public void Run(SendOrPostCallback callback, object? state) => _task.Run(callback, state);

    /// <summary>
    /// Runs code of Kestrel's on the loop's thread. No synchronization context is current: with one, .NET would give every
    /// continuation that did not ask for one to the thread pool.
    /// </summary>
    public void RunPlain(Action<object?> callback, object? state)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            callback(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    // All that it has had so far ends with it.
    private void BeginTask()
    {
        _task.End();
        _task = new ConnectionTask(Loop);
    }

    /// <summary>Kestrel is done with it: what was written is sent, and then the connection closed.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Reader.Complete();
        Writer.Complete();
        await _lost.Task.ConfigureAwait(false);
        _task.End();
    }

    /// <summary>Nobody has taken it.</summary>
    public void Discard()
    {
        _disposed = 1;
        _task.End();
    }

    /// <summary>The client will send no more: for Kestrel it has gone.</summary>
    public void NoteEnd(Exception? failure)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        _failure = failure;
        if (failure is null)
            Reader.End(null);
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.FireClosed(), this, preferLocal: false);
    }

    /// <summary>The connection is gone.</summary>
    public void Lost(Exception? exception)
    {
        try
        {
            if (TryClaimArrival())
            {
                _transport = null; // what carried it was the loop's that it has left
                EndArrival();
            }
            NoteEnd(exception switch
            {
                _ when _abortReason is not null => _abortReason,
                SocketException { SocketErrorCode: SocketError.ConnectionReset } => new ConnectionResetException(exception.Message, exception),
                // Its peer has not ended it.
                null when Volatile.Read(ref _disposed) == 0 => new ConnectionAbortedException("The server has ended the connection."),
                null => null,
                _ => exception as IOException ?? new IOException(exception.Message, exception),
            });
            Reader.Lose();
            Writer.Lose();
        }
        finally
        {
            _lost.TrySetResult(); // Kestrel waits for it
        }
    }

    /// <summary>The loop closes while the connection stands; on the thread that closes it. Who waits for something goes on elsewhere.</summary>
    public void EndWithLoop() => Lost(EndOfLoop());

    /// <summary>Why it has ended, if that is because its loop has.</summary>
    public Exception EndOfLoop() => _failure ?? new IOException("The event loop of the connection was closed.");

    // Kestrel and the application hear of it before a read fails and the handler is cancelled, so that they know that for what it is.
    private void FireClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (Exception e)
        {
            TryPost(Report, otherwise: Report);

            void Report() => Loop.CallExceptionHandler(
                new ExceptionContext("A callback of ConnectionClosed failed.") { Exception = e, Source = _transport });
        }
        TryPost(EndReading, otherwise: EndFailedReading); // whoever reads goes on elsewhere then
    }

    private void EndFailedReading()
    {
        if (_failure is not null)
            Reader.End(_failure);
    }

    private void EndReading()
    {
        EndFailedReading();
        if (Volatile.Read(ref _disposed) == 0)
            _task.Cancel();
    }
}
