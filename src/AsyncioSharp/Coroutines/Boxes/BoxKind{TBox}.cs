namespace AsyncioSharp.CompilerServices;

/// <summary>The number of a kind of box, in the order in which the process has needed them.</summary>
/// <remarks>
/// It is not a field of the boxes themselves, whose initialization would be compiled at run time for each method of a program;
/// this is compiled ahead once for all.
/// </remarks>
internal static class BoxKind<TBox>
    where TBox : class
{
    public static readonly int Number = BoxPools.NewKind();
}
