using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>A barrier for two, and who may wait at it.</summary>
internal sealed class CheckedBarrier
{
    private readonly AsyncBarrier _barrier = new(2);
    private readonly Wait _wait;

    public CheckedBarrier() => _wait = new ConditionalWait("another one at a barrier", () => _barrier is { WaitingCount: 1, IsBroken: false });

    public async Coroutine WaitAsync(Run run, Node node)
    {
        run.WillWait(_wait);
        var index = await _barrier.WaitAsync();
        if (index is < 0 or > 1)
            run.Complain(node, $"number {index} at a barrier for two");
    }

    public async Coroutine ResetAsync(Run run)
    {
        run.WillWait(_wait);
        await _barrier.ResetAsync();
    }

    public async Coroutine AbortAsync(Run run)
    {
        run.WillWait(_wait);
        await _barrier.AbortAsync();
    }

    public void Check(Run run)
    {
        if (_barrier.WaitingCount != 0)
            run.Complain(null, $"{_barrier.WaitingCount} are left at a barrier");
    }
}
