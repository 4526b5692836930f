using System.Runtime.CompilerServices;

namespace AsyncioSharp.CompilerServices;

/// <summary>Where a loop's tasks, futures, callbacks and connections were made: kept in debug mode, and beside them, so that they are
/// none the bigger without it.</summary>
internal sealed class Origins
{
    private readonly ConditionalWeakTable<object, IReadOnlyList<CallGraphFrame>> _places = [];

    /// <summary>Something is made, or used again, here.</summary>
    /// <returns>The place.</returns>
    public IReadOnlyList<CallGraphFrame> Note(object item)
    {
        var place = CallStacks.Here();
        _places.AddOrUpdate(item, place);
        return place;
    }

    public IReadOnlyList<CallGraphFrame>? Of(object? item) => item is not null && _places.TryGetValue(item, out var place) ? place : null;

    /// <summary>For reports.</summary>
    public static string Text(IReadOnlyList<CallGraphFrame> frames) =>
        string.Join(Environment.NewLine, frames.Select(static frame => $"   at {frame}"));
}
