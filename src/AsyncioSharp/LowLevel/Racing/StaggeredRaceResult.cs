using System.Diagnostics.CodeAnalysis;

namespace AsyncioSharp.LowLevel;

/// <summary>How a <see cref="StaggeredRace"/> ended.</summary>
/// <typeparam name="T">The result's type.</typeparam>
/// <param name="Result">What the winner returned; a default value if there is none.</param>
/// <param name="WinnerIndex">Which attempt won; null if none did.</param>
/// <param name="Exceptions">With what each attempt that was started ended, in their order: null for the winner, a
/// <see cref="CanceledException"/> for those that were too slow.</param>
public readonly record struct StaggeredRaceResult<T>(T? Result, int? WinnerIndex, IReadOnlyList<Exception?> Exceptions)
{
    /// <summary>Whether an attempt succeeded.</summary>
    [MemberNotNullWhen(true, nameof(WinnerIndex))]
    public bool HasWinner => WinnerIndex is not null;
}
