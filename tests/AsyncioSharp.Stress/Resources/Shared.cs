using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>What the pieces of a program share.</summary>
internal sealed class Shared
{
    private ICheckedPlaces?[] _places = new ICheckedPlaces?[Places];
    private CheckedQueue?[] _queues = new CheckedQueue?[Queues];
    private CheckedEvent? _event;
    private CheckedCondition? _condition;
    private CheckedBarrier? _barrier;

    /// <summary>How many locks and semaphores there are.</summary>
    public const int Places = 4;

    /// <summary>How many queues there are.</summary>
    public const int Queues = 5;

    public CheckedEvent Event => _event ??= new CheckedEvent();

    public CheckedCondition Condition => _condition ??= new CheckedCondition();

    public CheckedBarrier Barrier => _barrier ??= new CheckedBarrier();

    public ICheckedPlaces PlacesOf(int index) => _places[index] ??= index switch
    {
        0 => new CheckedLock(new AsyncLock()),
        3 => new CheckedLimiter(),
        _ => new CheckedSemaphore(index),
    };

    public CheckedQueue Queue(int index) => _queues[index] ??= index switch
    {
        0 or 1 => new CheckedFifo(index),
        2 or 3 => new CheckedLifo((index - 2) * 2),
        _ => new CheckedPriority(2),
    };

    public void Check(Run run)
    {
        foreach (var places in _places)
            places?.Check(run);
        foreach (var queue in _queues)
            queue?.Check(run);
        _condition?.Check(run);
        _barrier?.Check(run);
    }
}
