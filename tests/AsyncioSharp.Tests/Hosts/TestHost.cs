using System.Collections.Concurrent;

namespace AsyncioSharp.Tests.Hosts;

/// <summary>A loop that is not of this library, as a graphical interface has one: it runs what it is given on one thread.</summary>
internal sealed class TestHost : SynchronizationContext
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly BlockingCollection<Action> _actions = [];

    /// <summary>How many actions were run.</summary>
    public int Rounds { get; private set; }

    /// <summary>Takes an action; on any thread.</summary>
    public void Take(Action action) => _actions.Add(action);

    /// <summary>Takes nothing any more: <see cref="Take"/> throws.</summary>
    public void Close() => _actions.CompleteAdding();

    public override void Post(SendOrPostCallback d, object? state) => Take(() => d(state));

    /// <summary>Runs what it is given until something has happened.</summary>
    public void RunUntil(Func<bool> happened)
    {
        while (!happened())
        {
            Assert.True(_actions.TryTake(out var action, s_patience), "the host has nothing to do");
            Rounds++;
            action!();
        }
    }

    /// <summary>Runs what there is.</summary>
    public void RunAll()
    {
        while (_actions.TryTake(out var action))
            action();
    }

    /// <summary>Runs until a guest has ended, and gives its outcome.</summary>
    public T Run<T>(GuestRun<T> run)
    {
        RunUntil(() => run.Completion.IsCompleted);
        return run.Completion.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(GuestRun run)
    {
        RunUntil(() => run.Completion.IsCompleted);
        run.Completion.GetAwaiter().GetResult();
    }
}
