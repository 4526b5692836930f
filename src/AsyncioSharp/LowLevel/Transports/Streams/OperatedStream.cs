namespace AsyncioSharp.LowLevel;

/// <summary>
/// A connection over .NET streams, which read and write in their own time: one to read from, one to write to, or the same for both,
/// or only one of them.
/// </summary>
internal abstract partial class OperatedStream : StreamTransport
{
    private readonly Stream? _input;
    private readonly Stream? _output;
    private readonly StreamOperation _reading;
    private readonly StreamOperation _writing;

    private protected OperatedStream(EventLoop loop, StreamProtocol protocol, Future<bool>? made, Stream? input, Stream? output)
        : base(loop, protocol, server: null, made)
    {
        _input = input;
        _output = output;
        _reading = new StreamOperation(loop, this);
        _writing = new StreamOperation(loop, this);
        loop.CallSoon(static transport => transport.Start(), this);
    }

    /// <summary>Cancels what the streams do; none if they end by being disposed.</summary>
    private protected virtual CancellationToken Released => CancellationToken.None;

    /// <summary>Whether what was written has to be flushed.</summary>
    private protected virtual bool Flushes => false;

    /// <summary>An operation has ended.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="count">How many bytes were read.</param>
    /// <param name="failure">Why it failed, if it did.</param>
    public virtual void OnCompleted(StreamOperation operation, int count, Exception? failure)
    {
        if (ReferenceEquals(operation, _reading))
            OnRead(count, failure);
        else
            OnWritten(failure);
    }

    private protected override void Release()
    {
        _reading.Dispose();
        _writing.Dispose();
    }

    private void Start()
    {
        if (IsFinished)
            return;
        Begin();
        if (_input is null && (State & TransportState.NotReading) == 0)
            ReadEof();
        ContinueReading();
        ContinueWriting();
    }
}
