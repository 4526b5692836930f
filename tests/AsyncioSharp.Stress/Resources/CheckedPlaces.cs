using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>Something that lets a number of tasks in at a time, in the order of asking, and an account of who is in.</summary>
/// <typeparam name="TReleaser">What gives a place back.</typeparam>
internal abstract class CheckedPlaces<TReleaser> : ICheckedPlaces
    where TReleaser : struct, IDisposable
{
    private readonly int _places;
    private readonly Line _line;
    private int _inside;

    protected CheckedPlaces(string name, int places, bool isStrict = true)
    {
        _places = places;
        _line = new Line($"a {name}", () => _inside == _places, isStrict);
    }

    public async Coroutine RunInsideAsync(Run run, Node node, Node body)
    {
        using (await EnterAsync(run, node))
        {
            Came(run, node);
            try
            {
                await body.RunAsync(run);
            }
            finally
            {
                run.Handling();
                _inside--;
            }
        }
    }

    public void TryEnter(Run run, Node node)
    {
        if (!TryAcquire())
            return;
        _line.Served(run, node, null);
        if (_inside == _places)
            run.Complain(node, "it is full, and lets somebody in");
        Release();
    }

    public void Check(Run run)
    {
        if (_inside != 0)
            run.Complain(null, $"{_inside} are left inside of {GetType().Name}");
        var free = 0;
        while (free <= _places && TryAcquire())
            free++;
        if (free != _places)
            run.Complain(null, $"{free} of {_places} places of {GetType().Name} are free in the end");
    }

    protected abstract Coroutine<TReleaser> AcquireAsync();

    protected abstract bool TryAcquire();

    protected abstract void Release();

    // A method without handlers: what it was handed must not get lost where it is cancelled.
    private async Coroutine<TReleaser> EnterAsync(Run run, Node node)
    {
        run.Step(node);
        var place = _line.Ask(run);
        var releaser = await AcquireAsync();
        _line.Served(run, node, place);
        return releaser;
    }

    private void Came(Run run, Node node)
    {
        if (++_inside > _places)
            run.Complain(node, $"{_inside} are inside, and there is room for {_places}");
        run.Step(node);
    }
}
