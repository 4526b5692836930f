namespace AsyncioSharp;

/// <summary>
/// Lets the results of <c>Gather</c> be taken apart, as Python programs do: <c>var (a, b) = await Asyncio.Gather(A(), B());</c>.
/// </summary>
public static class GatheredResults
{
    /// <summary>Takes two results apart.</summary>
    /// <typeparam name="T">The results' type.</typeparam>
    /// <param name="results">The results.</param>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public static void Deconstruct<T>(this T[] results, out T first, out T second)
    {
        CheckLength(results, 2);
        (first, second) = (results[0], results[1]);
    }

    /// <inheritdoc cref="Deconstruct{T}(T[], out T, out T)"/>
    /// <param name="results">The results.</param>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="third">The third.</param>
    public static void Deconstruct<T>(this T[] results, out T first, out T second, out T third)
    {
        CheckLength(results, 3);
        (first, second, third) = (results[0], results[1], results[2]);
    }

    /// <inheritdoc cref="Deconstruct{T}(T[], out T, out T)"/>
    /// <param name="results">The results.</param>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="third">The third.</param>
    /// <param name="fourth">The fourth.</param>
    public static void Deconstruct<T>(this T[] results, out T first, out T second, out T third, out T fourth)
    {
        CheckLength(results, 4);
        (first, second, third, fourth) = (results[0], results[1], results[2], results[3]);
    }

    private static void CheckLength<T>(T[] results, int count)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Length != count)
            throw new ArgumentException($"There are {results.Length} results, not {count}.", nameof(results));
    }
}
