namespace AsyncioSharp.LowLevel;

/// <summary>Tells a loop that has nothing to do whether it looks for events a few times more before it sleeps.</summary>
/// <remarks>
/// <para>Sleeping is dear where the next event is near. Whoever brings it has to wake a processor, which in a virtual machine takes
/// longer than answering a small request, and pays for it himself: a load that keeps its own core busy then asks for less.</para>
/// <para>Looking is paid for by everybody else on the machine, so that it has to be worth it: of three times, something has to be found
/// twice. Otherwise it is done more and more seldom, down to once in a thousand sleeps. So a program that waits long, whose peers share its
/// processor, or that has just a moment too little to do, sleeps as it would without.</para>
/// </remarks>
internal struct Lookout
{
    private const long Near = TimeSpan.TicksPerMillisecond / 10; // a timer that is so near is not made to wait for looks
    private const int CostOfNothing = 2; // what finding something makes up for by one
    private const int MostDoubt = 10;

    private int _doubt;
    private int _sleepsToSkip;

    /// <summary>Whether to look before this sleep.</summary>
    /// <param name="timeout">How long the sleep is to be: in ticks of 100 ns, 0 for not at all, -1 for ever.</param>
    public bool IsDueBefore(long timeout)
    {
        if (timeout is >= 0 and <= Near)
            return false;
        if (_sleepsToSkip == 0)
            return true;
        _sleepsToSkip--;
        return false;
    }

    /// <summary>Something was found.</summary>
    public void Found() => _doubt = Math.Max(_doubt - 1, 0);

    /// <summary>Nothing was found, and the loop sleeps.</summary>
    public void FoundNothing()
    {
        _doubt = Math.Min(_doubt + CostOfNothing, MostDoubt);
        _sleepsToSkip = (1 << _doubt) - 1;
    }
}
