namespace AsyncioSharp.LowLevel;

/// <summary>In which pieces the system sends a file.</summary>
internal static class FilePieces
{
    // As long as the peer keeps up, the system sends whatever it is asked for in one call, and nobody else has a turn. Smaller pieces
    // cost more processor time; larger ones are no faster, and where the system paces what it sends (BBR) slower by a third.
    public const int Size = 512 * 1024;

    /// <summary>How many bytes the system is asked for.</summary>
    /// <param name="left">How many are left; null for whatever the file has.</param>
    public static long Limit(long? left) => left < Size ? left.Value : Size;

    /// <summary>Lets others run after a whole piece: input and output of theirs is looked at, too.</summary>
    public static Coroutine GiveTurnAsync(EventLoop loop)
    {
        loop.PollSoon();
        return Asyncio.Yield();
    }
}
