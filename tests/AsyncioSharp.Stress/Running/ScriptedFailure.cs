using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Running;

/// <summary>What a program throws on purpose, and what became of it.</summary>
internal sealed class ScriptedFailure(Node origin) : Exception("on purpose")
{
    public Node Origin { get; } = origin;

    /// <summary>How often the program caught it or looked at it.</summary>
    public int Seen { get; set; }

    /// <summary>How often the loop reported it.</summary>
    public int Reported { get; set; }

    /// <summary>How often it may have been dropped: C# drops an exception for one thrown while it was in flight.</summary>
    public int Excused { get; set; }
}
