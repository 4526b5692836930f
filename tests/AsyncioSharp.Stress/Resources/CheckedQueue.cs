using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>A queue, and a model of it that tells which item is to come next.</summary>
internal abstract class CheckedQueue(AsyncQueue<int> queue)
{
    private readonly List<int> _model = [];
    private int _next;
    private int _unfinished;
    private bool _shutDown;
    private Wait? _getting;
    private Wait? _putting;
    private Wait? _joining;

    private Wait Getting => _getting ??= new ConditionalWait("an item of a queue", () => !_shutDown && _model.Count == 0);

    public async Coroutine PutAsync(Run run)
    {
        run.WillWait(_putting ??= new ConditionalWait("room in a queue", () => !_shutDown && _model.Count == queue.MaxSize));
        var item = NewItem();
        await queue.PutAsync(item);
        Added(item);
    }

    public async Coroutine GetAsync(Run run, Node node)
    {
        run.WillWait(Getting);
        var item = await queue.GetAsync();
        Taken(run, node, item);
    }

    public async Coroutine GetEachAsync(Run run, Node node, int count)
    {
        run.WillWait(Getting);
        await foreach (var item in queue)
        {
            Taken(run, node, item);
            run.Step(node);
            if (--count == 0)
                break;
            run.WillWait(Getting);
        }
    }

    public async Coroutine JoinAsync(Run run)
    {
        run.WillWait(_joining ??= new ConditionalWait("the end of the work on a queue", () => _unfinished > 0));
        await queue.JoinAsync();
    }

    public void TryPut(Run run, Node node)
    {
        var room = !_shutDown && (queue.MaxSize == 0 || _model.Count < queue.MaxSize);
        var item = NewItem();
        if (queue.TryPut(item) != room)
            run.Complain(node, room ? "a queue with room took no item" : "a queue without room took an item");
        else if (room)
            Added(item);
    }

    public void TryGet(Run run, Node node)
    {
        var any = _model.Count > 0;
        if (queue.TryGet(out var item) != any)
            run.Complain(node, any ? "a queue with items gave none" : "a queue without items gave one");
        else if (any)
            Taken(run, node, item);
    }

    public void TaskDone()
    {
        // After an immediate shutdown nothing is left to be told about.
        if (_unfinished == 0)
            return;
        _unfinished--;
        queue.TaskDone();
    }

    public void Shutdown(bool immediate)
    {
        _shutDown = true;
        queue.Shutdown(immediate);
        if (!immediate)
            return;
        _unfinished = Math.Max(0, _unfinished - _model.Count);
        _model.Clear();
    }

    public void Check(Run run)
    {
        if (queue.Count != _model.Count)
            run.Complain(null, $"a queue holds {queue.Count} items, and not {_model.Count}");
        while (queue.TryGet(out var item))
            Taken(run, null, item);
        if (_model.Count > 0)
            run.Complain(null, $"items got lost: {string.Join(", ", _model)}");
    }

    /// <summary>An item of its own kind for each number; small numbers are put first.</summary>
    protected virtual int ItemFor(int number) => number;

    /// <summary>The place of the one that is to be taken next.</summary>
    protected abstract int IndexOfNext(List<int> items);

    private int NewItem() => ItemFor(_next++);

    private void Added(int item)
    {
        _model.Add(item);
        _unfinished++;
    }

    private void Taken(Run run, Node? node, int item)
    {
        var next = _model.Count == 0 ? -1 : IndexOfNext(_model);
        if (next < 0 || _model[next] != item)
            run.Complain(node, $"the item {item} came from a queue that holds {(next < 0 ? "none" : string.Join(", ", _model))}");
        _model.Remove(item);
    }
}
