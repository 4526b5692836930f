using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// Groups that bound how many of their tasks run at a time.
public sealed partial class TaskGroup
{
    private readonly AsyncSemaphore? _places;
    private ParkingLot? _room;

    /// <summary>
    /// Waits until the group has a free slot: fewer tasks than may run at a time. Await it before each new task, so that whoever
    /// makes tasks is not faster than they are: without it they queue up. A group without
    /// <see cref="TaskGroupOptions.MaxConcurrency"/> always has one.
    /// </summary>
    public async Coroutine WaitForSlotAsync()
    {
        // All who wait are woken for each task that ends, and look again: the place that one has left unused is the next one's.
        while (_tasks.Count >= _options?.MaxConcurrency)
            await (_room ??= new ParkingLot(this, "room in ")).WaitAsync();
    }

    private async Coroutine RunInTurn(Coroutine coroutine)
    {
        using (await _places!.AcquireAsync())
            await coroutine;
    }

    private async Coroutine<T> RunInTurn<T>(Coroutine<T> coroutine)
    {
        using (await _places!.AcquireAsync())
            return await coroutine;
    }
}
