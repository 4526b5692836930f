using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>The live tasks of a loop. It holds them, so that no task is lost for want of a reference.</summary>
internal sealed class TaskRegistry
{
    private struct Slot
    {
        public AsyncioTask? Task;
    }

    private SegmentedQueue<Slot> _slots;

    public int Count => _slots.Count;

    public void Add(AsyncioTask task)
    {
        task.RegistryIndex = (int)_slots.Tail;
        _slots.Add().Task = task;
    }

    public void Remove(AsyncioTask task)
    {
        ref var last = ref _slots.At(_slots.Tail - 1);
        if (!ReferenceEquals(last.Task, task))
        {
            _slots.At(task.RegistryIndex) = last;
            last.Task!.RegistryIndex = task.RegistryIndex;
        }
        last.Task = null;
        _slots.RemoveFrom(_slots.Tail - 1);
    }

    /// <summary>The tasks alive now.</summary>
    public AsyncioTask[] ToArray()
    {
        var tasks = new AsyncioTask[Count];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = _slots.At(i).Task!;
        return tasks;
    }
}
