namespace AsyncioSharp.Micro.OnLoop;

internal static class Awaiting
{
    private const int ChainDepth = 1000;

    /// <summary>A child that ends without suspending, awaited again and again.</summary>
    public static async Coroutine Flat(int count)
    {
        for (var i = 0; i < count; i++)
            await Child(i);
    }

    /// <summary>A thousand deep, and nothing suspends; count is in levels.</summary>
    public static async Coroutine Chain(int count)
    {
        for (var i = 0; i < count / ChainDepth; i++)
            await Down(ChainDepth);
    }

    /// <summary>A thousand deep, and the deepest yields; count is in levels.</summary>
    public static async Coroutine ChainWithTurn(int count)
    {
        for (var i = 0; i < count / ChainDepth; i++)
            await DownToYield(ChainDepth);
    }

    /// <summary>As deep as there are to be levels, and the deepest yields.</summary>
    public static async Coroutine Deep(int count) => await DownToYield(count);

    /// <summary>An exception through 17 coroutines, caught by the one above them.</summary>
    public static async Coroutine Throw(int count)
    {
        for (var i = 0; i < count; i++)
        {
            try
            {
                await Fail(17);
            }
            catch (FormatException)
            {
                // expected
            }
        }
    }

    /// <summary>The same, but the deepest has yielded before it throws.</summary>
    public static async Coroutine ThrowAfterTurn(int count)
    {
        for (var i = 0; i < count; i++)
        {
            try
            {
                await FailAfterTurn(17);
            }
            catch (FormatException)
            {
                // expected
            }
        }
    }

    private static async Coroutine<int> Child(int value) => value;

    private static async Coroutine<int> Down(int depth) => depth > 0 ? 1 + await Down(depth - 1) : 0;

    private static async Coroutine<int> DownToYield(int depth)
    {
        if (depth > 0)
            return 1 + await DownToYield(depth - 1);
        await Asyncio.Yield();
        return 0;
    }

    private static async Coroutine<int> Fail(int frames) => frames > 1 ? 1 + await Fail(frames - 1) : throw new FormatException();

    private static async Coroutine<int> FailAfterTurn(int frames)
    {
        if (frames > 1)
            return 1 + await FailAfterTurn(frames - 1);
        await Asyncio.Yield();
        throw new FormatException();
    }
}
