namespace AsyncioSharp.Stress.Nodes;

/// <summary>A piece of a random program. A program is a tree of them, and can be run any number of times.</summary>
/// <param name="parts">The pieces inside it.</param>
internal abstract class Node(params IEnumerable<Node> parts)
{
    /// <summary>The pieces inside it; a failing program is made smaller by changing these.</summary>
    public List<Node> Parts { get; } = [.. parts];

    /// <summary>So many of the parts, the first ones, have a place of their own, and are not to be removed.</summary>
    public virtual int FixedParts => Parts.Count;

    /// <summary>Its place in the program, for traces.</summary>
    public int Number { get; private set; }

    /// <summary>Does what the piece stands for.</summary>
    public abstract Coroutine RunAsync(Run run);

    /// <summary>Writes it as something like C#.</summary>
    public abstract void WriteTo(Listing listing);

    /// <summary>Gives this node and those in it their numbers.</summary>
    /// <returns>The next number.</returns>
    public int Renumber(int next = 0)
    {
        Number = next++;
        foreach (var part in Parts)
            next = part.Renumber(next);
        return next;
    }

    /// <summary>The nodes of the tree, this one first.</summary>
    public IEnumerable<Node> All() => Parts.SelectMany(part => part.All()).Prepend(this);
}
