using System.Text;

namespace AsyncioSharp.Stress.Nodes;

/// <summary>A program as text that resembles C#.</summary>
internal sealed class Listing
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public static string Of(Node program)
    {
        var listing = new Listing();
        listing._depth++;
        program.WriteTo(listing);
        return listing._text.ToString();
    }

    public Listing Line(string line)
    {
        _text.Append(' ', _depth * 4).Append(line).Append('\n');
        return this;
    }

    /// <summary>A head, and what is between braces below it.</summary>
    public Listing Block(string head, string end, params IEnumerable<Node> nodes)
    {
        Line(head).Line("{");
        _depth++;
        foreach (var node in nodes)
            node.WriteTo(this);
        _depth--;
        return Line("}" + end);
    }

    /// <summary>Coroutines made by async lambdas, as the elements of a list.</summary>
    public Listing List(string head, IEnumerable<Node> nodes, string end)
    {
        Line(head);
        foreach (var node in nodes)
            Block("    async () =>", ",", node);
        return Line(end);
    }
}
