using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AsyncioSharp.Hosting;

/// <summary>
/// A loop that all of the application may use, for request handlers above all: state that lives on it needs no locks. Its thread starts
/// when it is first used, and ends with the host, after the web server and all other services have stopped.
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed class AsyncioLoop : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private const string Name = "shared";

    // The loop comes last, and the host's time may have been used up by others. Tasks that are cancelled need some turns of the loop to clean up.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly AsyncioRuntime _runtime;
    private HostedLoop? _loop;
    private Task? _stopping;

    /// <summary>Made by the host's container.</summary>
    /// <param name="runtime">What <c>AddAsyncio</c> has registered.</param>
    public AsyncioLoop(AsyncioRuntime runtime)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        _runtime = runtime;
    }

    /// <summary>The loop. It belongs to its thread: use the methods here, or
    /// <see cref="EventLoop.CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/>.</summary>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public EventLoop Loop => Started().Loop;

    /// <summary>Runs a coroutine on the loop.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="main">Makes the coroutine; called on the loop's thread.</param>
    /// <param name="cancellationToken">Cancels the coroutine; <c>HttpContext.RequestAborted</c> in a request handler.</param>
    /// <returns>Its outcome.</returns>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public Task<T> RunAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return Started().RunAsync(main, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<Coroutine> main, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(main);
        return Started().RunAsync(main, cancellationToken);
    }

    /// <summary>
    /// Enumerates something on the loop, and hands its values over to whoever enumerates the result on another thread. The loop
    /// is ahead of the reader by a few values at most. When the reader stops, the enumeration is cancelled and waited for.
    /// </summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="source">Makes what is enumerated; called on the loop's thread.</param>
    /// <param name="bufferSize">By how many values the loop may be ahead.</param>
    /// <param name="cancellationToken">Cancels the enumeration; <c>HttpContext.RequestAborted</c> in a request handler.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public IAsyncEnumerable<T> StreamAsync<T>(Func<IAsyncEnumerable<T>> source, int bufferSize = 16, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
        return Enumerate(Started(), source, bufferSize, cancellationToken);
    }

    /// <summary>Cancels the tasks on the loop, waits for their end, and ends the thread. The host calls it when all services have
    /// stopped.</summary>
    /// <param name="cancellationToken">Ends the wait, which may last two seconds in any case, as services may have used up the host's time. What has
    /// not ended by then is logged.</param>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        var stop = Stop(loop => StopAsync(loop, cancellationToken), out var isFirst);
        return isFirst ? stop : WaitAsync(stop, cancellationToken);
    }

    private static async Task WaitAsync(Task stop, CancellationToken cancellationToken)
    {
        await stop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCompleted)
            await stop.ConfigureAwait(false);
    }

    private async Task StopAsync(HostedLoop loop, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var isLate = cancellationToken.IsCancellationRequested;
        var end = loop.DisposeAsync().AsTask();
        await end.WaitAsync(s_grace, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await end.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (end.IsCompleted)
        {
            await end.ConfigureAwait(false);
            return;
        }
        var logger = _runtime.LoggerFactory.CreateLogger(typeof(AsyncioLoop).FullName!);
        Log.LoopNotStopped(logger, Name, Stopwatch.GetElapsedTime(start).TotalSeconds,
            isLate ? " The host's time to stop (HostOptions.ShutdownTimeout) had been used up before." : "",
            await loop.DescribeTasksAsync().ConfigureAwait(false));
    }

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    // The thread starts when it is needed, and services that stop may still need it.
    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A host that has no time left, and stops its services at once, does not wait for the stop before it disposes of them.

    /// <summary>Cancels the tasks on the loop, if that has not been done, and ends the thread; a stop under way it waits for.</summary>
    public ValueTask DisposeAsync() => new(Stop(static loop => loop.DisposeAsync().AsTask(), out _));

    /// <summary>Cancels the tasks on the loop, if that has not been done, waits for them and ends the thread; so it does for a stop under
    /// way.</summary>
    public void Dispose()
    {
        var end = DisposeAsync().AsTask();
        if (_loop is not { Loop.IsOnThread: true }) // it would wait for itself
            end.GetAwaiter().GetResult();
    }

    private static async IAsyncEnumerable<T> Enumerate<T>(
        HostedLoop loop, Func<IAsyncEnumerable<T>> source, int bufferSize,
        CancellationToken outer, [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(bufferSize) { SingleReader = true, SingleWriter = true });
        var pumping = loop.RunAsync(() => PumpAsync(source, channel.Writer), stop.Token);
        // However it ends, also before it could begin.
        _ = pumping.ContinueWith(static (_, writer) => ((ChannelWriter<T>)writer!).TryComplete(), channel.Writer,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return item;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await pumping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (pumping.IsFaulted)
                await pumping.ConfigureAwait(false); // also to whoever has stopped reading
        }
        await pumping.ConfigureAwait(false);
    }

    private static async Coroutine PumpAsync<T>(Func<IAsyncEnumerable<T>> source, ChannelWriter<T> writer)
    {
        await foreach (var item in source().WithCancellation(Asyncio.CancellationToken))
            await writer.WriteAsync(item, Asyncio.CancellationToken);
    }

    private HostedLoop Started()
    {
        lock (_gate)
        {
            if (_stopping is not null)
                throw new ObjectDisposedException(nameof(AsyncioLoop), "The host has stopped, and its loop with it.");
            return _loop ??= new HostedLoop(Name, _runtime, Options.DefaultName);
        }
    }

    // It begins under the gate, where all find it who come behind: they wait for it, too.
    private Task Stop(Func<HostedLoop, Task> begin, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = _stopping is null;
            return _stopping ??= _loop is null ? Task.CompletedTask : begin(_loop);
        }
    }
}
