namespace AsyncioSharp.CompilerServices;

/// <summary>A kind of box: its number, in the order in which the process has needed them, and its pool at hand.</summary>
/// <remarks>
/// They are not fields of the boxes themselves, whose initialization would be compiled at run time for each method of a program;
/// this is compiled ahead once for all.
/// </remarks>
internal static class BoxKind<TBox>
    where TBox : class
{
    public static readonly int Number = BoxPools.NewKind();

    /// <summary>
    /// The pool of the loop that <see cref="LowLevel.RunningLoop"/> knows by its stack, from when it is first asked for a box until that loop stops; for that
    /// loop's thread alone.
    /// </summary>
    public static BoxPool<TBox>? AtHand;
}
