namespace AsyncioSharp.Tests;

/// <summary>Assertions that a coroutine awaits; xUnit's own take an <c>async Task</c>.</summary>
internal static class Expect
{
    /// <summary>The coroutine must fail with exactly this type of exception; an <see cref="AggregateException"/> may be one of
    /// its kinds.</summary>
    public static async Coroutine<TException> ThrowsAsync<TException>(Func<Coroutine> body)
        where TException : Exception
    {
        try
        {
            await body();
        }
        catch (Exception e)
        {
            return Assert.IsType<TException>(e, exactMatch: typeof(TException) != typeof(AggregateException));
        }
        throw Xunit.Sdk.ThrowsException.ForNoException(typeof(TException));
    }

    /// <inheritdoc cref="ThrowsAsync{TException}(Func{Coroutine})"/>
    public static Coroutine<TException> ThrowsAsync<TException>(IAwaitable awaitable)
        where TException : Exception => ThrowsAsync<TException>(async () => await awaitable);

    /// <summary>What a library has begun must end as cancelled.</summary>
    public static async Coroutine CanceledAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Assert.Fail("It has ended without a cancellation.");
    }

    /// <summary>The types of the exceptions in an aggregate, sorted by name.</summary>
    public static string TypesIn(AggregateException failures) =>
        string.Join(" ", failures.InnerExceptions.Select(failure => failure.GetType().Name).Order());

    /// <summary>Lets a number of the loop's iterations pass.</summary>
    public static async Coroutine Turns(int count)
    {
        for (var i = 0; i < count; i++)
            await Asyncio.Yield();
    }
}
