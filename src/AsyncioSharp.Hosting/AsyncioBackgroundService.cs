using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Hosting;

/// <summary>
/// A <see cref="BackgroundService"/> whose work is a coroutine, on a loop and a thread of its own. When the host stops, the coroutine is
/// cancelled at what it waits for; its <c>finally</c> blocks run, and may await as ever. What has not ended when the
/// host gives up is logged, with where it waits.
/// </summary>
/// <remarks>
/// A service that fails can be started again (<see cref="AsyncioOptions.Restart"/>). Otherwise the host is told of the failure and does what
/// <c>HostOptions.BackgroundServiceExceptionBehavior</c> says, which by default is to stop.
/// </remarks>
public abstract class AsyncioBackgroundService : BackgroundService
{
    private readonly AsyncioRuntime _runtime;
    private readonly ILogger _logger;
    private HostedLoop? _loop;
    private int _state;

    /// <summary>Makes the service; it runs nothing yet.</summary>
    /// <param name="runtime">What <c>AddAsyncio</c> has registered.</param>
    protected AsyncioBackgroundService(AsyncioRuntime runtime)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        _runtime = runtime;
        _logger = runtime.LoggerFactory.CreateLogger(GetType().FullName ?? GetType().Name);
        runtime.Add(this);
    }

    /// <summary>Its name: that of its options, its loop and its main task. By default that of its class.</summary>
    public virtual string ServiceName => GetType().Name;

    /// <summary>How far it is. May be read on any thread.</summary>
    public AsyncioServiceState State
    {
        get => (AsyncioServiceState)Volatile.Read(ref _state);
        private set => Volatile.Write(ref _state, (int)value);
    }

    private AsyncioOptions Options => _runtime.OptionsOf(ServiceName);

    /// <inheritdoc/>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Its options are wrong.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Options; // wrong ones fail the host's start, as they would later be a failure of the service
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Cancels the coroutine and waits for its end, and for that of the tasks that it leaves.</summary>
    /// <param name="cancellationToken">Ends the wait; the host cancels it when its shutdown timeout is over.</param>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (Options.StopTimeout is { } timeout)
            limit.CancelAfter(timeout);
        await base.StopAsync(limit.Token).ConfigureAwait(false);
        if (ExecuteTask is not { IsCompleted: false })
            return;
        var loop = Volatile.Read(ref _loop);
        var tasks = loop is null ? "There is no loop yet, or none any more." : await loop.DescribeTasksAsync().ConfigureAwait(false);
        Log.ServiceNotStopped(_logger, ServiceName, Stopwatch.GetElapsedTime(start).TotalSeconds, tasks);
        loop?.Abandon();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _runtime.Remove(this);
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The work, on a loop of its own. It is called again, on a new loop, where the service is restarted. The host's stop cancels
    /// it.</summary>
    protected abstract Coroutine ExecuteAsync();

    /// <summary>Runs the coroutine, again and again where it is to be restarted. The host calls it.</summary>
    /// <param name="stoppingToken">Cancelled when the host stops.</param>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; ;)
        {
            var start = _runtime.TimeProvider.GetTimestamp();
            try
            {
                State = AsyncioServiceState.Running;
                await RunOnceAsync(stoppingToken).ConfigureAwait(false);
                State = AsyncioServiceState.Ended;
                Log.ServiceEnded(_logger, ServiceName);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                State = AsyncioServiceState.Ended;
                throw;
            }
            catch (Exception e)
            {
                var options = Options; // as they are now, and not as they were at the start
                if (_runtime.TimeProvider.GetElapsedTime(start) >= options.RestartResetAfter)
                    failures = 0;
                if (options.Restart == RestartPolicy.Never || failures >= options.MaxRestarts || stoppingToken.IsCancellationRequested)
                {
                    State = AsyncioServiceState.Failed;
                    throw; // the host logs it
                }
                var delay = Delay(options, failures++);
                State = AsyncioServiceState.Restarting;
                Log.ServiceRestarts(_logger, e, ServiceName, failures, delay.TotalSeconds);
                await WaitAsync(delay, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private static TimeSpan Delay(AsyncioOptions options, int failures)
    {
        // A power that is more than any delay: infinitely often nothing would be no number.
        var ticks = options.RestartDelay.Ticks * Math.Pow(2, Math.Min(failures, 62));
        return ticks < options.MaxRestartDelay.Ticks ? TimeSpan.FromTicks((long)ticks) : options.MaxRestartDelay;
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(delay, _runtime.TimeProvider, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            State = AsyncioServiceState.Ended;
            throw;
        }
    }

    private async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var loop = new HostedLoop(ServiceName, _runtime, ServiceName);
        Volatile.Write(ref _loop, loop);
        try
        {
            await loop.RunAsync(RunNamedAsync, stoppingToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException) when (loop.IsAbandoned)
        {
            throw new OperationCanceledException(stoppingToken); // StopAsync has told what would not end
        }
        finally
        {
            await loop.DisposeAsync().ConfigureAwait(false);
            Volatile.Write(ref _loop, null);
        }
    }

    private async Coroutine RunNamedAsync()
    {
        Asyncio.CurrentTask!.Name = ServiceName;
        await ExecuteAsync();
    }
}
