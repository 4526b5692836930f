namespace AsyncioSharp.LowLevel;

/// <summary>The pieces in which the system sends a file, and when others have their turn meanwhile.</summary>
internal struct FilePieces
{
    // As long as the peer keeps up, the system sends whatever it is asked for in one call, and nobody else has a turn. Smaller pieces
    // cost more processor time; larger ones are no faster, and where the system paces what it sends (BBR) slower by a third.
    private const int Size = 512 * 1024;

    private long _sinceTurn;

    /// <summary>How many bytes the system is asked for.</summary>
    /// <param name="left">How many are left; null for whatever the file has.</param>
    public static long Limit(long? left) => left < Size ? left.Value : Size;

    /// <summary>The system has sent some.</summary>
    /// <returns>Whether it is time for <see cref="GiveTurnAsync"/>: it may have taken little at a time, and never have had to wait.</returns>
    public bool IsTurnDue(long sent)
    {
        _sinceTurn += sent;
        if (_sinceTurn < Size)
            return false;
        _sinceTurn = 0;
        return true;
    }

    /// <summary>It was waited for room, in which time others had their turn.</summary>
    public void Waited() => _sinceTurn = 0;

    /// <summary>Lets others run: input and output of theirs is looked at, too.</summary>
    public static Coroutine GiveTurnAsync(EventLoop loop)
    {
        loop.PollSoon();
        return Coroutine.Yield();
    }
}
