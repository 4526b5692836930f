namespace AsyncioSharp.CompilerServices;

/// <summary>Names for compiled methods, as their authors know them.</summary>
internal static class FrameNames
{
    /// <summary>Of an async method by its state machine, from <c>Outer+&lt;Method&gt;d__3</c> or
    /// <c>Outer+&lt;&lt;Method&gt;g__Local|0_1&gt;d</c>: the type and the method.</summary>
    public static string Of(Type stateMachine) => $"{Owner(stateMachine)}{Method(stateMachine.Name)}";

    /// <summary>Of any method.</summary>
    public static string Of(Type? type, string method) => $"{(type is null ? "" : Owner(type))}{Method(method)}";

    private static string Owner(Type type)
    {
        Type? owner = type;
        while (owner is not null && owner.Name.StartsWith('<'))
            owner = owner.DeclaringType;
        return owner is null ? "" : $"{Bare(owner.Name)}.";
    }

    private static string Method(string name)
    {
        // The innermost name in angle brackets is the method that the source names; a local function follows it as
        // g__Local|…, a lambda as b__….
        var local = name.IndexOf("g__", StringComparison.Ordinal);
        if (local >= 0)
        {
            var end = name.IndexOf('|', local);
            if (end > local)
                return name[(local + 3)..end];
        }
        var start = name.LastIndexOf('<') + 1;
        var stop = name.IndexOf('>', start);
        var outer = stop > start ? name[start..stop] : name;
        return name.Contains("b__", StringComparison.Ordinal) ? $"{outer} (lambda)" : outer;
    }

    private static string Bare(string name)
    {
        var arity = name.IndexOf('`');
        return arity < 0 ? name : name[..arity];
    }
}
