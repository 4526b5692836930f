using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The event loop (<c>asyncio.AbstractEventLoop</c>, <c>BaseEventLoop</c>): it runs callbacks and tasks one after another
/// on one thread, and waits for timers, other threads and the network when there is nothing to run. This class is the
/// scheduler; a derived one waits for input and output.
/// </summary>
/// <remarks>
/// Unless it says otherwise, a member may be used on the loop's thread only, or while the loop does not run. In debug mode
/// (<see cref="Debug"/>) that is checked.
/// </remarks>
public abstract partial class EventLoop : IDisposable
{
    internal ReadyQueue Ready;
    internal GatheredWrites Gathered;
    internal readonly TimerQueue Timers = new();
    internal readonly BoxPools BoxPools = new();
    internal readonly TaskRegistry Tasks = new();
    internal readonly UnretrievedFailures UnretrievedFailures = new();
    internal readonly ForgottenCoroutines ForgottenCoroutines = new();
    internal AsyncioTask? CurrentTask;

    private readonly Inbox _inbox = new();
    private HashSet<InboxItem>? _callsInProgress; // made when it is needed, as others are: .NET loads a library for collections
    private bool _closed;
    private bool _checksThread;

    /// <summary>Makes a loop that waits in the way of the derived class.</summary>
    protected EventLoop()
    {
        _synchronizationContext = new TaskSynchronizationContext(this, null);
        if (Environment.GetEnvironmentVariable("ASYNCIOSHARP_DEBUG") is "1" or "true")
            Debug = true;
        LoopDirectory.Add(this);
        TelemetryOnDemand.Begin();
    }

    /// <summary>The loop that runs on this thread (<c>asyncio.get_running_loop()</c>).</summary>
    /// <exception cref="InvalidOperationException">None does.</exception>
    public static EventLoop Running => RunningLoop.Here ?? throw new InvalidOperationException(
        "No event loop runs on this thread. Call this from a coroutine or a callback of a loop, started for example with Asyncio.Run; " +
        "from another thread use Asyncio.RunCoroutineThreadsafe or EventLoop.CallSoonThreadsafe.");

    /// <summary>The loop that runs on this thread; null if none does.</summary>
    public static EventLoop? RunningOrNull => RunningLoop.Here;

    /// <summary>Makes the loop that suits the machine best (<c>asyncio.new_event_loop()</c>), by the current
    /// <see cref="EventLoopPolicy"/>.</summary>
    public static EventLoop New() => EventLoopPolicy.Current.NewEventLoop();

    /// <summary>What has to be told if the loop closes before it was called back.</summary>
    internal HashSet<InboxItem> CallsInProgress => _callsInProgress ??= [];

    /// <summary>Whether it runs now (<c>loop.is_running()</c>).</summary>
    public bool IsRunning => _thread is not null;

    /// <summary>Whether it was closed (<c>loop.is_closed()</c>).</summary>
    public bool IsClosed
    {
        get => Volatile.Read(ref _closed);
        private set => Volatile.Write(ref _closed, value);
    }

    /// <summary>Whether this is the thread on which it runs.</summary>
    public bool IsOnThread => ReferenceEquals(RunningLoop.Here, this);

    /// <summary>Closes it; the same as <see cref="Close"/>.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Waits for input and output, and hands what became ready to the ready queue. Called on the loop's thread.
    /// </summary>
    /// <param name="timeout">How long to wait at most: in ticks of 100 ns, 0 for not at all, -1 for ever.</param>
    private protected abstract void Poll(long timeout);

    /// <summary>Whether there may be input or output, as there once was something to be watched for it.</summary>
    private protected virtual bool HasWatched => true;

    /// <summary>A run begins, on this thread.</summary>
    private protected virtual void BeginRun() { }

    /// <summary>The loop is run in pieces from now on, between which it may have to be waited for on another thread.</summary>
    private protected virtual void BeginPieces() { }

    /// <summary>A run ends, on the thread on which it has begun, also if that has failed.</summary>
    private protected virtual void EndRun() { }

    /// <summary>Lets <see cref="Poll"/> return at once; called on any thread.</summary>
    private protected abstract void WakeUp();

    /// <summary>Gives everything back that the derived class holds.</summary>
    private protected abstract void CloseBackend();

    /// <summary>In debug mode: complains if the loop runs on another thread than this. A guest's host is told that there is
    /// something to do, where it does that between two slices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CheckThread()
    {
        if (_checksThread)
            CheckThreadNow();
    }

    internal void CheckOpen()
    {
        if (IsClosed)
            ThrowClosed();
    }

    [DoesNotReturn]
    private void ThrowClosed() => throw new ObjectDisposedException(GetType().Name,
        "The event loop is closed. Make a new one; Asyncio.Run makes one for each call.");

    private void CheckThreadNow()
    {
        var isElsewhere = _thread is null ? _guest is { } host && !host.IsTouched() : !IsOnThread;
        if (isElsewhere && _debug)
        {
            throw new InvalidOperationException(
                $"This belongs to an event loop that runs on another thread ({NameOf(_thread)}), " +
                $"and is not safe to use from here ({NameOf(Thread.CurrentThread)}). " +
                "Use EventLoop.CallSoonThreadsafe or Asyncio.RunCoroutineThreadsafe.");
        }
    }

    private static string NameOf(Thread? thread) => thread switch
    {
        null => "stopped", // meanwhile
        { Name: { Length: > 0 } name } => $"thread '{name}' ({thread.ManagedThreadId})",
        _ => $"thread {thread.ManagedThreadId}",
    };
}
