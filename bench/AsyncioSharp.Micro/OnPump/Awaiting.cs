namespace AsyncioSharp.Micro.OnPump;

internal static class Awaiting
{
    private const int ChainDepth = 1000;

    /// <summary>A child that ends without suspending, awaited again and again.</summary>
    public static async Task Flat(int count)
    {
        for (var i = 0; i < count; i++)
            await Child(i);
    }

    /// <summary>A thousand deep, and nothing suspends; count is in levels.</summary>
    public static async Task Chain(int count)
    {
        for (var i = 0; i < count / ChainDepth; i++)
            await Down(ChainDepth);
    }

    /// <summary>A thousand deep, and the deepest yields; count is in levels.</summary>
    public static async Task ChainWithTurn(int count)
    {
        for (var i = 0; i < count / ChainDepth; i++)
            await DownToYield(ChainDepth);
    }

    /// <summary>As deep as there are to be levels, and the deepest yields.</summary>
    public static async Task Deep(int count) => await DownToYield(count);

    /// <summary>An exception through 17 async methods, caught by the one above them.</summary>
    public static async Task Throw(int count)
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
    public static async Task ThrowAfterTurn(int count)
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

    private static async Task<int> Child(int value) => value;

    private static async Task<int> Down(int depth) => depth > 0 ? 1 + await Down(depth - 1) : 0;

    private static async Task<int> DownToYield(int depth)
    {
        if (depth > 0)
            return 1 + await DownToYield(depth - 1);
        await Task.Yield();
        return 0;
    }

    private static async Task<int> Fail(int frames) => frames > 1 ? 1 + await Fail(frames - 1) : throw new FormatException();

    private static async Task<int> FailAfterTurn(int frames)
    {
        if (frames > 1)
            return 1 + await FailAfterTurn(frames - 1);
        await Task.Yield();
        throw new FormatException();
    }
}
