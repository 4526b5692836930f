namespace AsyncioSharp.CompilerServices;

/// <summary>Names for types, as programs write them.</summary>
internal static class TypeNames
{
    public static string Of(Type type)
    {
        var name = type.Name;
        var arity = name.IndexOf('`');
        if (arity >= 0)
            name = name[..arity];
        // Of .NET's own tasks the kind that a program knows: they are of internal types.
        if (!type.IsVisible && typeof(Task).IsAssignableFrom(type))
            name = "Task";
        return name;
    }
}
