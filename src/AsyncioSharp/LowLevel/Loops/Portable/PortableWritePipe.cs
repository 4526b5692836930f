namespace AsyncioSharp.LowLevel;

/// <summary>The writing end of a pipe on a portable loop. That nobody reads any more it notices when it writes.</summary>
internal sealed class PortableWritePipe : PortablePipe
{
    private int _lent;

    public PortableWritePipe(PortableEventLoop loop, PipeHandle pipe, StreamProtocol protocol, Future<bool> made)
        : base(loop, pipe, FileAccess.Write, protocol, made)
    {
        State |= TransportState.EofReceived; // nothing is read
    }

    public override void Write(ReadOnlySpan<byte> data)
    {
        Loop.CheckThread();
        if ((State & TransportState.NotWriting) != 0)
            WriteTooLate();
        else if (!data.IsEmpty)
            KeepAndSend(data);
    }

    public override void WriteEof() => Close();

    public override void OnCompleted(int count, Exception? failure)
    {
        if ((State & TransportState.Lost) != 0)
            return;
        if (failure is not null)
        {
            ForceClose(failure);
            return;
        }
        Backlog.Advance(_lent);
        OnSent();
        Continue();
    }

    private protected override void OnReadingResumed()
    {
    }

    private protected override void Continue()
    {
        if (Backlog.IsEmpty || Operation.IsPending || (State & (TransportState.Lost | TransportState.Starting)) != 0)
            return;
        var front = Backlog.Lend();
        _lent = front.Length;
        Operation.Write(Stream, front);
    }

    private void KeepAndSend(ReadOnlySpan<byte> data)
    {
        Keep(data);
        Continue();
    }
}
