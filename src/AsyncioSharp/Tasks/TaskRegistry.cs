namespace AsyncioSharp.CompilerServices;

/// <summary>The live tasks of a loop. It holds them, so that no task is lost for want of a reference.</summary>
internal sealed class TaskRegistry
{
    private struct Slot
    {
        public AsyncioTask? Task;
    }

    private Slot[] _slots = new Slot[64];

    public int Count { get; private set; }

    public void Add(AsyncioTask task)
    {
        var count = Count;
        if (count == _slots.Length)
            Array.Resize(ref _slots, count * 2);
        _slots[count].Task = task;
        task.RegistryIndex = count;
        Count = count + 1;
    }

    public void Remove(AsyncioTask task)
    {
        var last = --Count;
        ref var end = ref _slots[last];
        if (task.RegistryIndex != last)
        {
            _slots[task.RegistryIndex] = end;
            end.Task!.RegistryIndex = task.RegistryIndex;
        }
        end.Task = null;
    }

    /// <summary>The tasks alive now.</summary>
    public AsyncioTask[] ToArray()
    {
        var tasks = new AsyncioTask[Count];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = _slots[i].Task!;
        return tasks;
    }
}
