namespace AsyncioSharp.LowLevel;

/// <summary>
/// What a program derives from to talk to a subprocess (<c>asyncio.SubprocessProtocol</c>). The end of the process and those of
/// its pipes come in any order; <see cref="BaseProtocol.ConnectionLost"/> comes after all of them.
/// </summary>
public abstract class SubprocessProtocol : BaseProtocol
{
    /// <summary>The process was started (<c>connection_made()</c>).</summary>
    /// <param name="transport">Its transport.</param>
    public virtual void ConnectionMade(SubprocessTransport transport) { }

    /// <summary>The process has written to a pipe (<c>pipe_data_received()</c>).</summary>
    /// <param name="descriptor">1 for its standard output, 2 for its standard error.</param>
    /// <param name="data">The data. It is in a buffer of the loop, valid during the call: copy what is to be kept.</param>
    public virtual void PipeDataReceived(int descriptor, ReadOnlySpan<byte> data) { }

    /// <summary>A pipe has ended (<c>pipe_connection_lost()</c>).</summary>
    /// <param name="descriptor">0 for its standard input, 1 for its standard output, 2 for its standard error.</param>
    /// <param name="exception">Why; null if it was closed on either side.</param>
    public virtual void PipeConnectionLost(int descriptor, Exception? exception) { }

    /// <summary>The process has ended (<c>process_exited()</c>); there may still be something to read.</summary>
    public virtual void ProcessExited() { }
}
