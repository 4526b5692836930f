using System.Runtime.ExceptionServices;

namespace AsyncioSharp.LowLevel;

/// <summary>One race. Each attempt has a task, and so has the one that is not started yet and waits for its time.</summary>
internal sealed class StaggeredRace<T>(IEnumerable<Func<Coroutine<T>>> attempts, TimeSpan? delay, Action<T>? discard)
{
    private readonly List<AsyncioTask> _running = [];
    private readonly List<Exception?> _exceptions = [];
    private EventLoop _loop = null!;
    private AsyncioTask? _racer;
    private IEnumerator<Func<Coroutine<T>>> _attempts = null!;
    private Future<bool>? _allEnded;
    private Exception? _failure;
    private T? _result;
    private int? _winner;

    public async Coroutine<StaggeredRaceResult<T>> RunAsync()
    {
        _loop = EventLoop.Running;
        _racer = _loop.CurrentTask;
        using (_attempts = attempts.GetEnumerator())
        {
            StartNext(null);
            var cancellation = await WaitForAll();
            if ((_failure ?? cancellation) is { } exception)
            {
                if (_winner is not null)
                    Discard(_result!);
                ExceptionDispatchInfo.Throw(exception);
            }
            return new StaggeredRaceResult<T>(_result, _winner, _exceptions);
        }
    }

    private async Coroutine<CanceledException?> WaitForAll()
    {
        CanceledException? cancellation = null;
        while (_running.Count > 0)
        {
            _allEnded = _loop.CreateFuture<bool>();
            try
            {
                await _allEnded;
            }
            catch (CanceledException e)
            {
                if (cancellation is null)
                    _racer!.PauseScopes(); // a cancelled scope would cancel this for ever
                cancellation = e;
                CancelOthers(null, e.CancelMessage);
            }
        }
        if (cancellation is not null)
            _racer!.ResumeScopes();
        return cancellation;
    }

    // Not eagerly, whatever the loop's task factory does: it would run before it is listed.
    private void StartNext(Future<bool>? previousFailed)
    {
        var task = _loop.CreateTask(RunOne(previousFailed), eagerStart: false);
        _running.Add(task);
        task.AddCallback(new Attempt(this, task));
    }

    private async Coroutine RunOne(Future<bool>? previousFailed)
    {
        if (previousFailed is not null)
        {
            try
            {
                await Asyncio.WaitFor(WaitFor(previousFailed), delay);
            }
            catch (TimeoutException)
            {
                // It has had its advantage.
            }
        }
        if (!_attempts.MoveNext())
            return;
        var attempt = _attempts.Current;
        var failed = _loop.CreateFuture<bool>();
        StartNext(failed);
        var index = _exceptions.Count;
        _exceptions.Add(null);
        T result;
        try
        {
            result = await attempt();
        }
        catch (Exception e)
        {
            _exceptions[index] = e;
            failed.TrySetResult(true);
            return;
        }
        if (_winner is null)
            Win(index, result);
        else
            Lose(index, result);

        static async Coroutine WaitFor(Future<bool> future) => await future;
    }

    private void Win(int index, T result)
    {
        _winner = index;
        _result = result;
        CancelOthers(_loop.CurrentTask, null);
    }

    private void Lose(int index, T result)
    {
        _exceptions[index] = new CanceledException("It succeeded although it was cancelled, as another attempt had won.");
        Discard(result);
    }

    private void Discard(T result)
    {
        try
        {
            discard?.Invoke(result);
        }
        catch (Exception e)
        {
            _loop.CallExceptionHandler(
                new ExceptionContext("A result that a staggered race had no use for could not be discarded.") { Exception = e });
        }
    }

    private void CancelOthers(AsyncioTask? self, string? message)
    {
        foreach (var task in _running.ToArray())
        {
            if (!ReferenceEquals(task, self))
                task.Cancel(message);
        }
    }

    // What an attempt throws is kept for the result. A task fails only when the sequence of attempts does.
    private void OnDone(AsyncioTask task)
    {
        _running.Remove(task);
        if (!task.IsCanceled)
            _failure ??= task.Exception;
        if (_running.Count == 0)
            _allEnded?.TrySetResult(true);
    }

    private sealed class Attempt(StaggeredRace<T> race, AsyncioTask task) : Runnable
    {
        internal override Future? OnBehalfOf => race._racer;

        internal override void Run() => race.OnDone(task);
    }
}
