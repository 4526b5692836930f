using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Searching;

/// <summary>Makes programs at random. A seed gives the same program every time.</summary>
internal sealed partial class Generator
{
    /// <summary>So many tasks of a program can be awaited and cancelled by others.</summary>
    public const int MaxSlots = 8;

    private readonly Random _random;
    private static readonly Theme[] s_themes = Enum.GetValues<Theme>();

    private readonly Theme _theme;
    private readonly int _favourite; // which of the queues, or locks, it is about
    private int _budget;
    private int _slots;

    // Only tasks with lower numbers may be awaited: so no tasks wait for each other in a circle.
    private int _awaitable = MaxSlots;

    private Generator(int seed)
    {
        _random = new Random(seed);
        _theme = Chance(3) ? Theme.Anything : s_themes[_random.Next(s_themes.Length)];
        _favourite = _random.Next(60);
    }

    public static Node Make(int seed)
    {
        var generator = new Generator(seed);
        // Most faults show in a program of a few pieces, and a small one has fewer places to cancel it at.
        generator._budget = 3 + generator._random.Next(1 + generator._random.Next(28));
        var program = generator._theme == Theme.Anything ? generator.Sequence() : generator.Beside();
        program.Renumber();
        return program;
    }

    private Sequence Sequence()
    {
        var parts = new List<Node>();
        do
            parts.Add(Any());
        while (_budget > 0 && Chance(3));
        return new Sequence(parts);
    }

    // What tasks do to each other shows best where several use the same thing.
    private Sequence Beside()
    {
        _budget += 4;
        return new Sequence(Chance(2) ? Group() : new GatheredOutcomes(Tasks()));
    }

    private Node Body() => _budget > 1 && Chance(3) ? Sequence() : Any();

    // Two or three parts that run beside each other; each gets a share of what is left.
    private Node[] Tasks()
    {
        var tasks = new Node[Chance(3) ? 4 : _random.Next(1, 4)];
        var share = Math.Max(1, _budget / tasks.Length);
        var left = _budget;
        for (var i = 0; i < tasks.Length; i++)
        {
            _budget = share;
            tasks[i] = Body();
            left -= share - Math.Min(_budget, share);
        }
        _budget = Math.Min(left, 12);
        return tasks;
    }

    private Node Any()
    {
        _budget--;
        if (_theme != Theme.Anything && !Chance(3))
            return Themed();
        return _budget <= 0 || Chance(3) ? Leaf() : Block();
    }

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;
}
