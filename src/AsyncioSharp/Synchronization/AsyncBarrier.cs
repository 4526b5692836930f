namespace AsyncioSharp;

/// <summary>
/// Holds tasks up until a number of them have come, and then lets all of them go on (<c>asyncio.Barrier</c>). It can be used
/// again and again: who comes early for the next time waits until the last one of this time has left. It can be made before a
/// loop runs, and belongs to the first loop on which a task waits at it.
/// </summary>
public sealed class AsyncBarrier
{
    private readonly AsyncCondition _changed;
    private BarrierState _state = BarrierState.Filling;
    private int _inside;

    /// <summary>Makes a barrier (<c>asyncio.Barrier()</c>).</summary>
    /// <param name="participantCount">How many tasks it waits for (<c>parties</c>).</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no task to wait for.</exception>
    public AsyncBarrier(int participantCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(participantCount, 1);
        ParticipantCount = participantCount;
        _changed = new AsyncCondition(owner: this);
    }

    /// <summary>How many tasks it waits for (<c>Barrier.parties</c>).</summary>
    public int ParticipantCount { get; }

    /// <summary>How many wait for the others (<c>Barrier.n_waiting</c>).</summary>
    public int WaitingCount => _state == BarrierState.Filling ? _inside : 0;

    /// <summary>Whether it was aborted (<c>Barrier.broken</c>).</summary>
    public bool IsBroken => _state == BarrierState.Broken;

    /// <summary>Waits until as many tasks wait as there are participants (<c>Barrier.wait()</c>).</summary>
    /// <returns>A number from 0 to <see cref="ParticipantCount"/> - 1, another one for each task: to choose one of them for
    /// something that is to be done once.</returns>
    /// <exception cref="BrokenBarrierException">The barrier was aborted, or was reset while the task waited.</exception>
    public async Coroutine<int> WaitAsync()
    {
        using (await _changed.AcquireAsync())
        {
            // The next time begins when everybody has left this one.
            while (_state is BarrierState.Draining or BarrierState.Resetting)
                await _changed.WaitAsync();
            if (IsBroken)
                throw new BrokenBarrierException("The barrier was aborted. ResetAsync makes it usable again.");
            var index = _inside++;
            try
            {
                if (_inside == ParticipantCount)
                    Open();
                else
                    await WaitForOthersAsync();
                return index;
            }
            finally
            {
                _inside--;
                Leave();
            }
        }
    }

    /// <summary>
    /// Makes it as it was at first (<c>Barrier.reset()</c>). Those who wait get a <see cref="BrokenBarrierException"/>, also those who were
    /// let go on but have not had their turn.
    /// </summary>
    public async Coroutine ResetAsync()
    {
        using (await _changed.AcquireAsync())
        {
            _state = _inside > 0 ? BarrierState.Resetting : BarrierState.Filling;
            _changed.NotifyAll();
        }
    }

    /// <summary>Breaks it (<c>Barrier.abort()</c>): those who wait, and all who come later, get a
    /// <see cref="BrokenBarrierException"/>, for when somebody will not come.</summary>
    public async Coroutine AbortAsync()
    {
        using (await _changed.AcquireAsync())
        {
            _state = BarrierState.Broken;
            _changed.NotifyAll();
        }
    }

    /// <summary>What goes on, and how many wait for how many.</summary>
    public override string ToString() => _state switch
    {
        BarrierState.Filling => $"AsyncBarrier [filling, waiters:{WaitingCount}/{ParticipantCount}]",
        BarrierState.Draining => "AsyncBarrier [draining]",
        BarrierState.Resetting => "AsyncBarrier [resetting]",
        _ => "AsyncBarrier [broken]",
    };

    private void Open()
    {
        _state = BarrierState.Draining;
        _changed.NotifyAll();
    }

    private async Coroutine WaitForOthersAsync()
    {
        while (_state == BarrierState.Filling)
            await _changed.WaitAsync();
        if (_state != BarrierState.Draining)
            throw new BrokenBarrierException("The barrier was aborted or reset while this task waited.");
    }

    private void Leave()
    {
        if (_inside > 0)
            return;
        if (_state is BarrierState.Draining or BarrierState.Resetting)
            _state = BarrierState.Filling;
        _changed.NotifyAll();
    }
}
