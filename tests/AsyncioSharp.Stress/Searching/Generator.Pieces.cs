using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Resources;

namespace AsyncioSharp.Stress.Searching;

internal sealed partial class Generator
{
    private Node Leaf() => _random.Next(28) switch
    {
        0 or 1 or 2 => new Yield(_random.Next(1, 4)),
        3 or 4 or 5 => new Sleep(_random.Next(4)),
        6 or 7 => new Throw(),
        8 or 9 => AwaitSlot(),
        10 => new CancelSlot(_random.Next(Math.Max(1, _slots))),
        11 when Chance(3) => new CancelSelf(),
        11 or 12 or 13 => new Put(Queue(), _random.Next(1, 4)),
        14 or 15 or 16 => new Get(Queue(), _random.Next(1, 4), tells: !Chance(3)),
        17 => new JoinQueue(Queue()),
        18 => Chance(3) ? new ShutDownQueue(Queue(), Chance(2)) : new TryQueue(Queue(), Chance(2)),
        19 => new ForeignPause(Chance(2)),
        21 => new TryHolding(_random.Next(Shared.Places)),
        22 => new EventUse(_random.Next(4)),
        23 => new BarrierUse(_random.Next(4)),
        24 => new ConditionUse(_random.Next(4), new Pass()),
        25 => new GetEach(Queue(), _random.Next(1, 4)),
        20 => new Promise(_random.Next(3), Chance(2) ? 0 : _random.Next(1, 3)),
        _ => new Sleep(1),
    };

    private Node Themed() => _theme switch
    {
        Theme.Queue => OfQueue(_favourite % Shared.Queues),
        Theme.Places => OfPlaces(_favourite % Shared.Places),
        Theme.Condition => new ConditionUse(_favourite % 2 * 2 + _random.Next(2), Chance(2) ? new Pass() : Pause()),
        Theme.Barrier => Chance(4) ? new BarrierUse(_random.Next(2)) : Chance(4) ? Pause() : new BarrierUse(2),
        Theme.Event => Chance(4) ? Pause() : new EventUse(_random.Next(4)),
        Theme.Scopes => OfScopes(),
        _ => OfTasks(),
    };

    private Node OfScopes() => _random.Next(10) switch
    {
        0 or 1 => Scoped(),
        2 or 3 => TimeLimit(),
        4 => Group(),
        5 => new Started(Body(), Body(), Body()),
        6 => new Swallow(Chance(2), Body()),
        7 => new CleaningUp(Body(), Leaf()),
        8 => new Throw(),
        _ => Pause(),
    };

    private Node OfQueue(int queue) => _random.Next(12) switch
    {
        < 4 => new Put(queue, _random.Next(1, 4)),
        < 8 => new Get(queue, _random.Next(1, 4), tells: !Chance(3)),
        8 => new TryQueue(queue, Chance(2)),
        9 => Chance(2) ? new JoinQueue(queue) : new GetEach(queue, _random.Next(1, 4)),
        10 when Chance(4) => new ShutDownQueue(queue, Chance(2)),
        _ => Pause(),
    };

    private Node OfPlaces(int which) => _random.Next(6) switch
    {
        0 => new TryHolding(which),
        1 => Pause(),
        _ => new Holding(which, Body()),
    };

    private Node OfTasks() => _random.Next(8) switch
    {
        0 or 1 => AwaitSlot(),
        2 => new CancelSlot(_random.Next(Math.Max(1, _slots))),
        3 or 4 => Spawn(),
        5 => new Throw(),
        6 => new CleaningUp(Body(), Leaf()),
        _ => Pause(),
    };

    private Node Pause() => Chance(2) ? new Yield(_random.Next(1, 3)) : new Sleep(_random.Next(3));

    private Node Block() => _random.Next(32) switch
    {
        0 => new Guarded(Body()),
        1 or 2 => new CleaningUp(Body(), Leaf()),
        3 or 4 => new Catch(Body()),
        5 => new Swallow(Chance(2), Body()),
        6 => new Call(_random.Next(1, 5), Body()),
        7 or 8 or 9 => Spawn(),
        10 or 11 or 12 => Group(),
        13 or 14 => TimeLimit(),
        15 => new WaitFor(_random.Next(4), Chance(2), Body()),
        16 => new Shielded(Body()),
        27 or 28 => Scoped(),
        29 => new Started(Body(), Body(), Body()),
        26 => new Staggered(_random.Next(-1, 3), Tasks()),
        17 => new Gathered(Chance(2), Tasks()),
        18 => new GatheredOutcomes(Tasks()),
        19 => new WaitedFor((WaitUntil)_random.Next(3), Chance(2) ? -1 : _random.Next(4), Tasks()),
        20 => new OneByOne(Chance(2) ? -1 : _random.Next(4), Tasks()),
        21 => new Foreign(Body()),
        22 => new Enumerated(Body()),
        23 => new Watched(Chance(2), Body()),
        _ => new Holding(_random.Next(Shared.Places), Body()),
    };

    private int Queue() => _random.Next(Shared.Queues);

    private Node AwaitSlot()
    {
        var slots = Math.Min(_slots, _awaitable);
        return slots > 0 ? new AwaitSlot(_random.Next(slots)) : new Yield(1);
    }

    private Node Spawn()
    {
        if (_slots == MaxSlots)
            return new Watched(Chance(2), Body());
        var slot = _slots++;
        var outer = _awaitable;
        _awaitable = Math.Min(outer, slot);
        var spawn = new Spawn(slot, Chance(3), Body());
        _awaitable = outer;
        return spawn;
    }

    private TimeLimit TimeLimit() => new(_random.Next(-1, 4), Chance(4) ? _random.Next(3) : -1, Body());

    private Scoped Scoped()
    {
        var shield = Chance(3);
        return new Scoped(shield ? _random.Next(4) : _random.Next(-1, 4), shield, Chance(2) ? 0 : _random.Next(1, 3), Body());
    }

    private Group Group()
    {
        var tasks = Tasks();
        return new Group(_budget > 0 ? Body() : new Pass(), tasks, _random.Next(tasks.Length + 1),
            Chance(3), Chance(5), Chance(2), Chance(3) ? (GroupKind)_random.Next(3) : GroupKind.Usual);
    }
}
