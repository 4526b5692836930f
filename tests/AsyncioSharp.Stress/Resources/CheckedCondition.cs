using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>A condition over a number that grows, and who may wait for it to grow.</summary>
internal sealed class CheckedCondition
{
    private readonly AsyncCondition _condition;
    private int _version;
    private int _holders;

    public CheckedCondition(AsyncLock @lock) => _condition = new AsyncCondition(@lock);

    /// <summary>Waits until the number has grown, with the lock held.</summary>
    public async Coroutine WaitAsync(Run run, Node node)
    {
        var before = _version;
        // One that is cancelled, or told, waits for the lock.
        run.WillWait(new ConditionalWait("a condition", () => _version == before || _holders > 0, isDirect: false));
        try
        {
            _holders--;
            await _condition.WaitForAsync(() => _version > before);
        }
        finally
        {
            // However the wait ends, the lock is held again.
            run.Handling();
            if (++_holders != 1 || !_condition.IsLocked)
                run.Complain(node, $"{_holders} hold the lock of a condition after a wait");
        }
    }

    /// <summary>Runs something that holds the lock.</summary>
    public async Coroutine InsideAsync(Run run, Func<Coroutine> body)
    {
        run.WillWait(new ConditionalWait("the lock of a condition", () => _condition.IsLocked));
        using (await _condition.AcquireAsync())
        {
            _holders++;
            try
            {
                await body();
            }
            finally
            {
                run.Handling();
                _holders--;
            }
        }
    }

    /// <summary>Lets the number grow, and all who wait know.</summary>
    public void Advance()
    {
        _version++;
        _condition.NotifyAll();
    }

    public void Check(Run run)
    {
        if (_holders != 0 || _condition.IsLocked)
            run.Complain(null, $"{_holders} hold the lock of a condition in the end");
    }
}
