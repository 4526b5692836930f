using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>Two conditions over one lock, and who may wait for them: that a number grows, and that there is something in stock.</summary>
internal sealed class CheckedCondition
{
    private readonly AsyncLock _lock = new();
    private readonly AsyncCondition _grown;
    private readonly AsyncCondition _inStock;
    private int _number;
    private int _stock;
    private int _holders;

    public CheckedCondition()
    {
        _grown = new AsyncCondition(_lock);
        _inStock = new AsyncCondition(_lock);
    }

    /// <summary>Waits until the number has grown, with the lock held.</summary>
    public Coroutine WaitUntilGrownAsync(Run run, Node node)
    {
        var before = _number;
        return WaitAsync(run, node, _grown, () => _number > before);
    }

    /// <summary>Waits until something is in stock, and takes it, with the lock held.</summary>
    public async Coroutine TakeAsync(Run run, Node node)
    {
        await WaitAsync(run, node, _inStock, () => _stock > 0);
        if (--_stock < 0)
            run.Complain(node, "what was in stock was taken twice");
    }

    /// <summary>Runs something that holds the lock.</summary>
    public async Coroutine InsideAsync(Run run, Func<Coroutine> body)
    {
        run.WillWait(new ConditionalWait("the lock of a condition", () => _lock.IsLocked));
        using (await _grown.AcquireAsync())
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
    public void Grow()
    {
        _number++;
        _grown.NotifyAll();
    }

    /// <summary>Puts something in stock, and tells one who waits.</summary>
    public void Give()
    {
        _stock++;
        _inStock.Notify();
    }

    public void Check(Run run)
    {
        if (_holders != 0 || _lock.IsLocked)
            run.Complain(null, $"{_holders} hold the lock of a condition in the end");
    }

    private async Coroutine WaitAsync(Run run, Node node, AsyncCondition condition, Func<bool> predicate)
    {
        // One that is cancelled, or told, waits for the lock.
        run.WillWait(new ConditionalWait("a condition", () => !predicate() || _holders > 0, isDirect: false));
        try
        {
            _holders--;
            await condition.WaitForAsync(predicate);
        }
        finally
        {
            // However the wait ends, the lock is held again.
            run.Handling();
            if (++_holders != 1 || !_lock.IsLocked)
                run.Complain(node, $"{_holders} hold the lock of a condition after a wait");
        }
    }
}
