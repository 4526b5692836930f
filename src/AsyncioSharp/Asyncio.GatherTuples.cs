using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

// Results of different types come as a tuple.
public static partial class Asyncio
{
    /// <summary>Runs awaitables of different types concurrently (<c>asyncio.gather()</c>); see
    /// <see cref="Gather{T}(IEnumerable{Coroutine{T}})"/>.</summary>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    public static Future<(T1, T2)> Gather<T1, T2>(IAwaitable<T1> a, IAwaitable<T2> b) =>
        Gather<IAwaitable, (T1, T2)>([a, b], static futures => (Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1])));

    /// <inheritdoc cref="Gather{T1, T2}(IAwaitable{T1}, IAwaitable{T2})"/>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <typeparam name="T3">The type of the third result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    public static Future<(T1, T2, T3)> Gather<T1, T2, T3>(IAwaitable<T1> a, IAwaitable<T2> b, IAwaitable<T3> c) =>
        Gather<IAwaitable, (T1, T2, T3)>([a, b, c], static futures => (
            Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1]), Futures.ResultOf<T3>(futures[2])));

    /// <inheritdoc cref="Gather{T1, T2}(IAwaitable{T1}, IAwaitable{T2})"/>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <typeparam name="T3">The type of the third result.</typeparam>
    /// <typeparam name="T4">The type of the fourth result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    public static Future<(T1, T2, T3, T4)> Gather<T1, T2, T3, T4>(
        IAwaitable<T1> a, IAwaitable<T2> b, IAwaitable<T3> c, IAwaitable<T4> d) =>
        Gather<IAwaitable, (T1, T2, T3, T4)>([a, b, c, d], static futures => (
            Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1]), Futures.ResultOf<T3>(futures[2]),
            Futures.ResultOf<T4>(futures[3])));

    /// <inheritdoc cref="Gather{T1, T2}(IAwaitable{T1}, IAwaitable{T2})"/>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <typeparam name="T3">The type of the third result.</typeparam>
    /// <typeparam name="T4">The type of the fourth result.</typeparam>
    /// <typeparam name="T5">The type of the fifth result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    /// <param name="e">The fifth.</param>
    public static Future<(T1, T2, T3, T4, T5)> Gather<T1, T2, T3, T4, T5>(
        IAwaitable<T1> a, IAwaitable<T2> b, IAwaitable<T3> c, IAwaitable<T4> d,
        IAwaitable<T5> e) =>
        Gather<IAwaitable, (T1, T2, T3, T4, T5)>([a, b, c, d, e], static futures => (
            Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1]), Futures.ResultOf<T3>(futures[2]),
            Futures.ResultOf<T4>(futures[3]), Futures.ResultOf<T5>(futures[4])));

    /// <inheritdoc cref="Gather{T1, T2}(IAwaitable{T1}, IAwaitable{T2})"/>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <typeparam name="T3">The type of the third result.</typeparam>
    /// <typeparam name="T4">The type of the fourth result.</typeparam>
    /// <typeparam name="T5">The type of the fifth result.</typeparam>
    /// <typeparam name="T6">The type of the sixth result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    /// <param name="e">The fifth.</param>
    /// <param name="f">The sixth.</param>
    public static Future<(T1, T2, T3, T4, T5, T6)> Gather<T1, T2, T3, T4, T5, T6>(
        IAwaitable<T1> a, IAwaitable<T2> b, IAwaitable<T3> c, IAwaitable<T4> d,
        IAwaitable<T5> e, IAwaitable<T6> f) =>
        Gather<IAwaitable, (T1, T2, T3, T4, T5, T6)>([a, b, c, d, e, f], static futures => (
            Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1]), Futures.ResultOf<T3>(futures[2]),
            Futures.ResultOf<T4>(futures[3]), Futures.ResultOf<T5>(futures[4]), Futures.ResultOf<T6>(futures[5])));

    /// <inheritdoc cref="Gather{T1, T2}(IAwaitable{T1}, IAwaitable{T2})"/>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <typeparam name="T3">The type of the third result.</typeparam>
    /// <typeparam name="T4">The type of the fourth result.</typeparam>
    /// <typeparam name="T5">The type of the fifth result.</typeparam>
    /// <typeparam name="T6">The type of the sixth result.</typeparam>
    /// <typeparam name="T7">The type of the seventh result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    /// <param name="e">The fifth.</param>
    /// <param name="f">The sixth.</param>
    /// <param name="g">The seventh.</param>
    public static Future<(T1, T2, T3, T4, T5, T6, T7)> Gather<T1, T2, T3, T4, T5, T6, T7>(
        IAwaitable<T1> a, IAwaitable<T2> b, IAwaitable<T3> c, IAwaitable<T4> d,
        IAwaitable<T5> e, IAwaitable<T6> f, IAwaitable<T7> g) =>
        Gather<IAwaitable, (T1, T2, T3, T4, T5, T6, T7)>([a, b, c, d, e, f, g], static futures => (
            Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1]), Futures.ResultOf<T3>(futures[2]),
            Futures.ResultOf<T4>(futures[3]), Futures.ResultOf<T5>(futures[4]), Futures.ResultOf<T6>(futures[5]),
            Futures.ResultOf<T7>(futures[6])));

    /// <inheritdoc cref="Gather{T1, T2}(IAwaitable{T1}, IAwaitable{T2})"/>
    /// <typeparam name="T1">The type of the first result.</typeparam>
    /// <typeparam name="T2">The type of the second result.</typeparam>
    /// <typeparam name="T3">The type of the third result.</typeparam>
    /// <typeparam name="T4">The type of the fourth result.</typeparam>
    /// <typeparam name="T5">The type of the fifth result.</typeparam>
    /// <typeparam name="T6">The type of the sixth result.</typeparam>
    /// <typeparam name="T7">The type of the seventh result.</typeparam>
    /// <typeparam name="T8">The type of the eighth result.</typeparam>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    /// <param name="e">The fifth.</param>
    /// <param name="f">The sixth.</param>
    /// <param name="g">The seventh.</param>
    /// <param name="h">The eighth.</param>
    public static Future<(T1, T2, T3, T4, T5, T6, T7, T8)> Gather<T1, T2, T3, T4, T5, T6, T7, T8>(
        IAwaitable<T1> a, IAwaitable<T2> b, IAwaitable<T3> c, IAwaitable<T4> d,
        IAwaitable<T5> e, IAwaitable<T6> f, IAwaitable<T7> g, IAwaitable<T8> h) =>
        Gather<IAwaitable, (T1, T2, T3, T4, T5, T6, T7, T8)>([a, b, c, d, e, f, g, h], static futures => (
            Futures.ResultOf<T1>(futures[0]), Futures.ResultOf<T2>(futures[1]), Futures.ResultOf<T3>(futures[2]),
            Futures.ResultOf<T4>(futures[3]), Futures.ResultOf<T5>(futures[4]), Futures.ResultOf<T6>(futures[5]),
            Futures.ResultOf<T7>(futures[6]), Futures.ResultOf<T8>(futures[7])));
}
