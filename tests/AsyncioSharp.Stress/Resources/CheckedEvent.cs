using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>An event, and who may wait for it.</summary>
internal sealed class CheckedEvent
{
    private readonly AsyncEvent _event = new();
    private readonly Wait _wait;
    private bool _set;

    public CheckedEvent() => _wait = new ConditionalWait("an event", () => !_set);

    public void Set()
    {
        _set = true;
        _event.Set();
    }

    public void Clear()
    {
        _set = false;
        _event.Clear();
    }

    public async Coroutine WaitAsync(Run run, Node node)
    {
        var wasSet = _set;
        var steps = run.Steps;
        run.WillWait(_wait);
        await _event.WaitAsync();
        if (wasSet && run.Steps != steps)
            run.Complain(node, "waited for an event that was set");
    }
}
