using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A loop of a <see cref="LoopGroup"/>, and what was handed to it.</summary>
internal sealed class LoopGroupMember(LoopGroup group, int place, RunnerOptions options)
{
    private readonly EventLoopThread _thread = new(options);
    private readonly HashSet<AsyncioTask> _work = []; // used on the loop's thread
    private int _pending;

    public EventLoop Loop => _thread.Loop;

    /// <summary>Whether its loop is about to end, or has.</summary>
    public bool HasStopped => _thread.HasStopped;

    /// <summary>How much was handed to it and has not ended.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Makes the group known to what runs on the loop, and finds it its processor.</summary>
    public Task IntroduceAsync(LoopGroupOptions options) => _thread.RunAsync(() =>
    {
        LoopGroup.Enter(group, place);
        if (options.Placement == LoopPlacement.OwnProcessor)
            Loop.Home = HomeProcessor.Find(Loop, place, options.Count);
        return Coroutine.Completed;
    });

    /// <summary>Runs what was handed over.</summary>
    public async Task<T> RunAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _pending);
        try
        {
            return await _thread.RunAsync(() => TrackAsync(main), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    /// <summary>Runs what the group and its servers have to do on the loop. What cancels all tasks there can cut off its waits, but not its
    /// first step.</summary>
    public Task<T> RunAtOnceAsync<T>(Func<Coroutine<T>> main, CancellationToken cancellationToken = default) =>
        _thread.RunAtOnceAsync(() => TrackAsync(main), cancellationToken);

    /// <summary>As <see cref="RunAtOnceAsync"/>; but nothing on the loop finds it to cancel it, except the loop's end.</summary>
    public Task<T> RunHiddenAsync<T>(Func<Coroutine<T>> main) => _thread.RunAtOnceAsync(() =>
    {
        Asyncio.CurrentTask!.Hide();
        return main();
    }, default);

    /// <summary>Waits for what was handed over, and cancels what is left.</summary>
    /// <param name="grace">How long it may take.</param>
    /// <param name="patience">How long what is cancelled may take.</param>
    public Task<(int Canceled, string[] Unfinished)> EndAsync(TimeSpan? grace, TimeSpan? patience) => RunHiddenAsync(async () =>
    {
        await Coroutine.Yield(); // what was handed over just before has its first turn now, and is known from then on
        if (HasStopped)
            return (0, []); // it ends by itself, and cancels and waits by a task of its own
        if (_work.Count > 0)
            await Asyncio.Wait(_work.ToArray(), grace);
        var left = Asyncio.AllTasks().Where(static task => !task.IsCompleted).ToArray();
        if (left.Length == 0)
            return (0, []);
        foreach (var task in left)
            task.Cancel("the group of loops ends");
        await Asyncio.Wait(left, patience);
        return (left.Length, left.Where(static task => !task.IsCompleted).Select(task => $"loop {place}: {Asyncio.FormatCallGraph(task)}").ToArray());
    });

    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    private async Coroutine<T> TrackAsync<T>(Func<Coroutine<T>> main)
    {
        var task = Asyncio.CurrentTask!;
        _work.Add(task);
        try
        {
            return await main();
        }
        finally
        {
            _work.Remove(task);
        }
    }
}
