using AsyncioSharp.Stress.Nodes;

namespace AsyncioSharp.Stress.Searching;

/// <summary>Makes a failing program smaller, as long as it goes on failing.</summary>
internal static class Shrinker
{
    private const int MaxAttempts = 3000;

    /// <summary>Changes a program in place.</summary>
    /// <returns>What is wrong with the program that is left.</returns>
    public static string Shrink(int seed, Node program, string complaint)
    {
        var attempts = 0;
        bool changed;
        do
        {
            changed = false;
            foreach (var node in program.All().ToArray())
            {
                for (var i = node.Parts.Count - 1; i >= 0; i--)
                {
                    foreach (var replacement in Replacements(node, i))
                    {
                        if (attempts++ > MaxAttempts)
                            return complaint;
                        Node[] before = [.. node.Parts];
                        node.Parts.RemoveAt(i);
                        node.Parts.InsertRange(i, replacement);
                        if (Series.Of(seed, program).Complaint is { } smaller)
                        {
                            complaint = smaller;
                            changed = true;
                            break;
                        }
                        node.Parts.Clear();
                        node.Parts.AddRange(before);
                    }
                }
            }
        }
        while (changed);
        return complaint;
    }

    private static IEnumerable<Node[]> Replacements(Node node, int index)
    {
        var part = node.Parts[index];
        if (index >= node.FixedParts)
            yield return [];
        else if (part is not Pass)
            yield return [new Pass()];
        foreach (var inner in part.Parts.ToArray())
            yield return [inner];
        if (part is Sequence && index >= node.FixedParts)
            yield return [.. part.Parts];
    }
}
