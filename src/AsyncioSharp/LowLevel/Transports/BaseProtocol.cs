namespace AsyncioSharp.LowLevel;

/// <summary>What a program derives from to be told what happens to a transport (<c>asyncio.BaseProtocol</c>). All of it
/// is called on the loop's thread.</summary>
public abstract class BaseProtocol
{
    /// <summary>The connection has ended; nothing is called after this (<c>connection_lost()</c>).</summary>
    /// <param name="exception">Why; null if it was closed or aborted on this side, or ended by the peer.</param>
    public virtual void ConnectionLost(Exception? exception) { }

    /// <summary>
    /// What was written and not yet sent has passed the high-water mark: stop writing for now
    /// (<c>pause_writing()</c>). This and <see cref="ResumeWriting"/> take turns.
    /// </summary>
    public virtual void PauseWriting() { }

    /// <summary>What was written has drained to the low-water mark: go on writing (<c>resume_writing()</c>).</summary>
    public virtual void ResumeWriting() { }

    /// <summary>
    /// The loop closes, and the transport with it; nothing is called after this, <see cref="ConnectionLost"/> neither. For libraries whose
    /// connections others wait for, on other threads, who have to be told. Called on the thread that closes the loop, which runs nothing any
    /// more, and which does not let the transport be closed or aborted; also of a connection that has not been told of its beginning yet.
    /// </summary>
    /// <returns>Whether that is in order. Otherwise the loop reports in debug mode that the transport was not closed, unless somebody has
    /// done that.</returns>
    protected internal virtual bool EndsWithLoop() => false;
}
