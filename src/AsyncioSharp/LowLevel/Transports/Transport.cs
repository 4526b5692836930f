using System.Net.Security;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A connection that carries a stream of bytes both ways (<c>asyncio.Transport</c>). Loops make transports; deriving from
/// this makes one of your own kind, such as one over another transport.
/// </summary>
/// <remarks>Like everything of a loop it is used on the loop's thread only.</remarks>
public abstract class Transport : BaseTransport
{
    private bool _holdsReading; // and the program has not said since what it wants

    /// <summary>Whether data is received: it is neither paused, nor closing, nor at its end (<c>is_reading()</c>).</summary>
    public abstract bool IsReading { get; }

    /// <summary>Whether <see cref="WriteEof"/> is possible (<c>can_write_eof()</c>).</summary>
    public virtual bool CanWriteEof => true;

    /// <summary>
    /// The TLS side of it (<c>get_extra_info("ssl_object")</c>), to look at what was agreed on and at the peer's
    /// certificate; null if the connection is plain. Do not read from it or write to it.
    /// </summary>
    public virtual SslStream? SslStream => null;

    /// <summary>The pipe (<c>get_extra_info("pipe")</c>), to look at; null if this is none. It remains the transport's.</summary>
    public virtual SafeHandle? Pipe => null;

    /// <summary>The protocol that is told what happens (<c>get_protocol()</c>).</summary>
    public abstract StreamProtocol GetProtocol();

    /// <summary>Has another protocol told from now on (<c>set_protocol()</c>). It may be of another kind.</summary>
    /// <param name="protocol">The protocol. Its <see cref="StreamProtocol.ConnectionMade"/> is not called.</param>
    public abstract void SetProtocol(StreamProtocol protocol);

    /// <summary>
    /// Sends data (<c>write()</c>). It does not wait: what the system does not take at once is kept and sent later, in
    /// order. After the connection was lost, or closed here, data is dropped.
    /// </summary>
    /// <remarks>
    /// Small pieces that one step of a task, or one callback, writes leave together when the step ends, that is when the task waits for
    /// something: by one system call, and mostly in one packet. So do those of several tasks that write to the same connection one right after
    /// another in the same iteration of the loop. They leave before if something is written to another connection, and with a high mark
    /// (<see cref="BaseTransport.SetWriteBufferLimits"/>) of zero at once. <see cref="Flush"/> sends them before, too. To a client that runs on the
    /// loop's own processor, which <see cref="LoopGroup.SuggestLoop"/> finds out, they may leave when the iteration ends, together with what is
    /// written to others like it.
    /// </remarks>
    /// <param name="data">The data; it can be reused as soon as the call returns.</param>
    /// <exception cref="InvalidOperationException"><see cref="WriteEof"/> was called before.</exception>
    public abstract void Write(ReadOnlySpan<byte> data);

    /// <summary>
    /// Gives what was written in small pieces to the system now, not only when the running step ends. It does not wait. Needed before a
    /// step that goes on to compute for long, blocks for an answer, or ends the process.
    /// </summary>
    public virtual void Flush() { }

    /// <summary>Sends several pieces of data as one (<c>writelines()</c>).</summary>
    /// <param name="pieces">The pieces, in order.</param>
    /// <exception cref="InvalidOperationException"><see cref="WriteEof"/> was called before.</exception>
    public virtual void WriteLines(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        using var joined = new JoinedPieces();
        foreach (var piece in pieces)
            joined.Add(piece.Span);
        Write(joined.Data);
    }

    /// <summary>Ends the sending side once everything written was sent; receiving goes on (<c>write_eof()</c>).</summary>
    /// <exception cref="NotSupportedException"><see cref="CanWriteEof"/> is false.</exception>
    public abstract void WriteEof();

    /// <summary>Receives no more data for now (<c>pause_reading()</c>), which in the end slows the peer down.</summary>
    public abstract void PauseReading();

    /// <summary>Receives data again (<c>resume_reading()</c>).</summary>
    public abstract void ResumeReading();

    /// <summary>Receives nothing until <see cref="LetReadingGoOn"/>, unless the program resumes reading meanwhile.</summary>
    internal void HoldReading()
    {
        if (!IsReading)
            return;
        PauseReading();
        _holdsReading = true;
    }

    /// <summary>Ends <see cref="HoldReading"/>. If the program has paused reading, before or meanwhile, it stays so.</summary>
    internal void LetReadingGoOn()
    {
        if (!_holdsReading)
            return;
        _holdsReading = false;
        ResumeReading();
    }

    /// <summary>The program says itself whether it wants data.</summary>
    private protected void EndHold() => _holdsReading = false;

    /// <summary>Tells the protocol that the peer's side has come to its end, and does what it says, as if that was found only now.</summary>
    internal virtual void TellEof()
    {
        var protocol = GetProtocol();
        try
        {
            if (!protocol.EofReceived())
                Close();
        }
        catch (Exception e)
        {
            EventLoop.Running.ReportProtocol(protocol, "EofReceived failed, and its connection is closed", e, this);
            Abort();
        }
    }

    /// <summary>Whether it can have the system send a file.</summary>
    internal virtual bool SendsFiles => false;

    /// <summary>Whether <see cref="WriteEof"/> was called.</summary>
    internal virtual bool HasWrittenEof => false;

    /// <summary>Something that was to be written is not, as the transport is closing.</summary>
    internal virtual void NoteRefused() { }

    /// <summary>Why something that was written is not sent, where the program did not end the connection itself.</summary>
    internal virtual Exception? WriteFailure => null;

    /// <summary>Whether the protocol was told to stop writing.</summary>
    internal virtual bool IsWritingPaused => WriteBufferSize > WriteBufferLimits.High;

    /// <summary>Has the system send a file. Only if <see cref="SendsFiles"/>.</summary>
    /// <exception cref="SendfileNotAvailableException">It cannot; nothing was sent.</exception>
    internal virtual Coroutine<long> SendFileAsync(FileStream file, long offset, long? count) => throw new NotSupportedException();

    /// <summary>
    /// Gives data to the system on any thread, if that is possible. Only while nothing waits to be sent, nobody writes meanwhile, and
    /// the connection cannot be given back meanwhile. That it is lost is not told: the loop finds out.
    /// </summary>
    /// <returns>How many bytes the system took.</returns>
    internal virtual int TrySendOnAnyThread(ReadOnlySpan<byte> data) => 0;

    /// <summary>Whether <see cref="TryReceiveOnAnyThread"/> can do anything.</summary>
    internal virtual bool ReceivesOnAnyThread => false;

    /// <summary>On the loop: other threads read, so that it is to become possible that they receive.</summary>
    internal virtual void LetOthersReceive() { }

    /// <summary>
    /// Receives data on any thread. Only while the loop does not receive meanwhile, and the connection cannot be given back meanwhile. The end, and
    /// that the connection is lost, are not told: the loop finds out.
    /// </summary>
    /// <returns>How many bytes; -1 if there are none for now, 0 if the loop has to look.</returns>
    internal virtual int TryReceiveOnAnyThread(Span<byte> buffer) => 0;

    /// <summary>Whether there is data, or the end or an error. Where <see cref="ReceivesOnAnyThread"/> holds the system is asked.</summary>
    internal virtual bool HasToReceive() => true;

    /// <summary>Says on the loop whether there may be data, where others have received or will. If so, the protocol is asked in the next
    /// turn too.</summary>
    internal virtual void SetReadable(bool value) { }

    /// <summary>Another loop that would serve the connection better; null if there is none.</summary>
    internal virtual EventLoop? SuggestLoop() => null;

    /// <summary>Takes the connection from its loop, once everything written was sent.</summary>
    /// <param name="received">What its protocol has received and not used.</param>
    internal virtual Coroutine<DetachedConnection> DetachAsync(ReadOnlyMemory<byte> received) => throw NotMovable();

    private protected NotSupportedException NotMovable() => new(
        $"{GetType().Name} cannot be moved: only connections over a socket can, without TLS, on loops that support it.");

    /// <summary>Receives data if there is some, without the protocol.</summary>
    /// <returns>How many bytes; 0 if there is none for now, or the protocol was told of the end.</returns>
    internal virtual int TryReceive(Span<byte> buffer) => 0;
}
