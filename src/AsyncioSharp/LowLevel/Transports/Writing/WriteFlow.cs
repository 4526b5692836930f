namespace AsyncioSharp.LowLevel;

/// <summary>
/// The marks of a transport's write buffer, and whether the protocol was told to stop writing: the two calls take turns.
/// </summary>
internal struct WriteFlow
{
    private bool _paused;

    public WriteFlow() { }

    /// <summary>Whether the protocol was told to stop.</summary>
    public readonly bool IsPaused => _paused;

    public WriteBufferLimits Limits { get; private set; } = WriteBufferLimits.Default;

    /// <summary>Sets other marks.</summary>
    /// <param name="high">The high mark; null for the default.</param>
    /// <param name="low">The low mark; null for the default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The marks are not in order.</exception>
    public void SetLimits(int? high, int? low) => Limits = WriteBufferLimits.Of(high, low);

    /// <summary>More waits to be sent, or the marks were lowered: holds the protocol up if it is too much.</summary>
    /// <param name="size">How many bytes wait.</param>
    /// <param name="loop">Is told if the protocol fails.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="transport">The transport.</param>
    public void PauseIfFull(int size, EventLoop loop, BaseProtocol protocol, object transport)
    {
        if (size <= Limits.High || _paused)
            return;
        _paused = true;
        Tell(protocol, isFull: true, loop, transport);
    }

    /// <summary>Less waits to be sent: lets the protocol go on if it was held up.</summary>
    /// <inheritdoc cref="PauseIfFull" path="/param"/>
    public void ResumeIfDrained(int size, EventLoop loop, BaseProtocol protocol, object transport)
    {
        if (size > Limits.Low || !_paused)
            return;
        _paused = false;
        Tell(protocol, isFull: false, loop, transport);
    }

    /// <summary>Tells a protocol to stop writing, or that it may go on. That it fails is reported, and not told to whoever writes.</summary>
    public static void Tell(BaseProtocol protocol, bool isFull, EventLoop loop, object? transport)
    {
        try
        {
            if (isFull)
                protocol.PauseWriting();
            else
                protocol.ResumeWriting();
        }
        catch (Exception e)
        {
            loop.ReportProtocol(protocol, isFull ? "PauseWriting failed" : "ResumeWriting failed", e, transport);
        }
    }
}
