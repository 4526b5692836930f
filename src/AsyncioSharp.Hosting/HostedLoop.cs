using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Hosting;

/// <summary>A loop on a thread of its own that the host has started.</summary>
internal sealed class HostedLoop : IAsyncDisposable
{
    // A loop that does not answer within this time is held up, and its tasks cannot be listed.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly AsyncioRuntime _runtime;
    private readonly string _optionsName;
    private readonly EventLoopThread _thread;
    private readonly Lock _following = new();
    private AsyncioOptions _options; // what it is run by
    private RunnerOptions _runner; // the same
    private bool _ownDebug; // what holds where the options say nothing
    private TimeSpan _ownSlowCallbackDuration;
    private StallReport? _stall;
    private bool _isEnding;

    public HostedLoop(string name, AsyncioRuntime runtime, string optionsName)
    {
        Name = name;
        _runtime = runtime;
        _optionsName = optionsName;
        _options = Options;
        _runner = RunnerOptionsOf(_options);
        var handler = _runner.StallHandler;
        // Started by whoever uses it first, it serves everybody: that one's context, such as a request's log scopes, is not the loop's own.
        using var flow = ExecutionContext.SuppressFlow();
        _thread = new EventLoopThread(_runner with
        {
            LoopFactory = MakeLoop,
            StallHandler = report =>
            {
                _stall = report.HasRecovered ? null : report;
                handler?.Invoke(report);
            },
        });
        runtime.Add(this);
        FollowOptions(); // if they have changed meanwhile
    }

    public string Name { get; }

    /// <summary>As they are now.</summary>
    public AsyncioOptions Options => _runtime.OptionsOf(_optionsName);

    public EventLoop Loop => _thread.Loop;

    /// <summary>Whether its tasks would not end, and are waited for no longer.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Whether it was asked to end, as it should be before it does.</summary>
    public bool IsEnding => Volatile.Read(ref _isEnding);

    public Task RunAsync(Func<Coroutine> main, CancellationToken cancellationToken) => _thread.RunAsync(main, cancellationToken);

    public Task<T> RunAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken) => _thread.RunAsync(main, cancellationToken);

    /// <summary>Has the loop run by what the options say now, as far as that can be changed. What has not changed in them is left alone, as the
    /// program may have set it by itself.</summary>
    public void FollowOptions()
    {
        lock (_following)
        {
            var options = Options;
            if (ReferenceEquals(options, _options))
                return;
            RunnerOptions before = _runner, now;
            try
            {
                now = RunnerOptionsOf(options);
                (_thread.TaskShutdownTimeout, _thread.ExecutorShutdownTimeout) = (now.TaskShutdownTimeout, now.ExecutorShutdownTimeout);
            }
            catch (Exception e) // of the program's code, which has a say
            {
                Refuse(e);
                return;
            }
            try
            {
                Loop.CallSoonThreadsafe(() => Change(before, now));
                (_options, _runner) = (options, now);
            }
            catch (ObjectDisposedException)
            {
                // it has ended
            }
        }
    }

    /// <summary>All tasks with where they wait, or what holds the loop up.</summary>
    public async Task<string> DescribeTasksAsync()
    {
        try
        {
            return await AskAsync(static () => Asyncio.FormatAllTasks()).WaitAsync(s_patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return $"The loop does not answer. {_stall?.ToString() ?? "Something blocks its thread."}";
        }
        catch (ObjectDisposedException)
        {
            return "The loop is closed.";
        }
    }

    /// <summary>How long it takes until a callback that is handed in now is run; the answer is no longer than
    /// <see cref="AsyncioOptions.UnhealthyLag"/>.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if the loop is closed.</returns>
    public async Task<TimeSpan?> MeasureLagAsync(CancellationToken cancellationToken)
    {
        var limit = Options.UnhealthyLag;
        var start = Stopwatch.GetTimestamp();
        try
        {
            await AskAsync(static () => true).WaitAsync(limit, cancellationToken).ConfigureAwait(false);
            return Stopwatch.GetElapsedTime(start);
        }
        catch (TimeoutException)
        {
            return Loop.IsClosed ? null : limit;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Cancels what is left, closes the loop and ends its thread, without waiting for that.</summary>
    public void Abandon()
    {
        IsAbandoned = true;
        _ = DisposeAsync().AsTask();
    }

    /// <summary>Cancels what is left, waits for it for the time that the options say, closes the loop and ends its thread.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isEnding, true);
        try
        {
            await _thread.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _runtime.Remove(this);
        }
    }

    private EventLoop MakeLoop()
    {
        var loop = _runner.LoopFactory?.Invoke() ?? EventLoop.New();
        (_ownDebug, _ownSlowCallbackDuration) = (loop.Debug, loop.SlowCallbackDuration);
        return loop;
    }

    private void Change(RunnerOptions before, RunnerOptions now)
    {
        try
        {
            ChangeAll(before, now);
        }
        catch (ArgumentException e) // the program's code has made something of them that is not checked before
        {
            Refuse(e);
        }
    }

    private void ChangeAll(RunnerOptions before, RunnerOptions now)
    {
        if (now.Debug != before.Debug)
            Loop.Debug = now.Debug ?? _ownDebug;
        if (now.SlowCallbackDuration != before.SlowCallbackDuration)
            Loop.SlowCallbackDuration = now.SlowCallbackDuration ?? _ownSlowCallbackDuration;
        if (now.TracedActivities != before.TracedActivities)
            Loop.TracedActivities = now.TracedActivities;
        if (now.StallThreshold != before.StallThreshold)
            Loop.StallThreshold = now.StallThreshold;
    }

    private void Refuse(Exception reason) => Log.ChangeRefused(_runtime.LoggerFactory.CreateLogger(typeof(AsyncioRuntime).FullName!), reason, Name);

    private RunnerOptions RunnerOptionsOf(AsyncioOptions options) => options.ToRunnerOptions(Name, _runtime.LoggerFactory);

    private Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.CallSoonThreadsafe(() =>
        {
            try
            {
                answer.TrySetResult(question());
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
            }
        }, otherwise: () => answer.TrySetException(new ObjectDisposedException(nameof(EventLoop), "The loop was closed before it could answer.")));
        return answer.Task;
    }
}
