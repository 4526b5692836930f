using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Resources;
using AsyncioSharp.Stress.Searching;

namespace AsyncioSharp.Stress.Running;

/// <summary>One run of a program: what the program shares between its pieces, and the accounts that are kept of it.</summary>
internal sealed partial class Run(EventLoop loop, Node program, Injection injection)
{
    private const int MaxSteps = 20_000;

    private readonly TimeSpan _start = loop.Time;
    private readonly List<string> _complaints = [];
    private readonly HashSet<AsyncioTask> _known = new(ReferenceEqualityComparer.Instance); // that have ever said what they wait for
    private readonly Dictionary<AsyncioTask, Wait> _waits = new(ReferenceEqualityComparer.Instance);

    public EventLoop Loop => loop;

    public Injection Injection => injection;

    public Shared Shared { get; } = new();

    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>The time since the run began.</summary>
    public TimeSpan Now => loop.Time - _start;

    /// <summary>How many steps the program has taken.</summary>
    public int Steps { get; private set; }

    /// <summary>What happened, a line for each step, for whoever wants to compare; null where nobody does.</summary>
    public List<string>? Lines { get; init; }

    /// <summary>A fingerprint of what happened, in which order and when.</summary>
    public long Trace { get; private set; }

    public int Entered { get; set; }

    public int Left { get; set; }

    /// <summary>What the program has thrown.</summary>
    public List<ScriptedFailure> Failures { get; } = [];

    public List<OpenGroup> Groups { get; } = [];

    /// <summary>The scopes that are open.</summary>
    public List<(CancelScope Scope, AsyncioTask Task)> Scopes { get; } = [];

    /// <summary>Futures whose failures may stay unseen, as those of a gather that failed with another.</summary>
    public List<Future> Dropped { get; } = [];

    /// <summary>What was awaited, and by which task. If that was cancelled in the very turn, the failure stays unseen.</summary>
    public List<(Future Awaited, AsyncioTask By)> Awaits { get; } = [];

    /// <summary>Tasks that the program has started for others to await or cancel.</summary>
    public AsyncioTask?[] Slots { get; } = new AsyncioTask?[Generator.MaxSlots];

    /// <summary>Whether a cancellation may have come from something that was awaited.</summary>
    public bool AwaitsOthers { get; set; }

    /// <summary>Callbacks that are still to be called.</summary>
    public int Expected { get; set; }

    public AsyncioTask Main { get; private set; } = null!;

    public void Complain(Node? node, string what) => _complaints.Add(node is null ? what : $"{what} (at {node.GetType().Name} {node.Number})");

    public ScriptedFailure Fail(Node origin)
    {
        var failure = new ScriptedFailure(origin);
        Failures.Add(failure);
        return failure;
    }

    /// <summary>Notes that the program has come to a point. The cancellation is injected at one of them.</summary>
    public void Step(Node node)
    {
        Steps++;
        Record(node.Number, Now.Ticks);
        Lines?.Add($"{node.Number}@{Now.TotalSeconds:0}");
        if (Steps == injection.Step || (injection.Again > 0 && Steps == injection.Step + injection.Again))
            Inject();
        if (Steps == MaxSteps)
            throw new InvalidOperationException("The program does not end.");
    }

    /// <inheritdoc cref="Step(Node)"/>
    /// <remarks>The code must be running in the task it began in.</remarks>
    public void Step(Node node, AsyncioTask? task)
    {
        if (!ReferenceEquals(Asyncio.CurrentTask, task))
            Complain(node, $"runs in {Asyncio.CurrentTask}, but began in {task}");
        Step(node);
    }

    public void Record(long first, long second) => Trace = ((Trace * 31) + first) * 1_000_003 + second;

    /// <summary>The task is about to await a future.</summary>
    public void WillAwait(Future future)
    {
        Awaits.Add((future, Asyncio.CurrentTask!));
        WillWait(new FutureWait(future));
    }

    /// <summary>What a task has said that it waits for.</summary>
    public Wait? WaitOf(AsyncioTask task) => _waits.GetValueOrDefault(task);

    /// <summary>The task is about to wait for something.</summary>
    public void WillWait(Wait wait)
    {
        var task = Asyncio.CurrentTask!;
        _waits[task] = wait;
        _known.Add(task);
    }
}
