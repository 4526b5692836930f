using AsyncioSharp.CompilerServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A program's own streams as a connection.</summary>
internal sealed partial class ForeignStream : OperatedStream
{
    private readonly EventLoop _loop;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly bool _leaveOpen;
    private readonly CancellationTokenSource _released = new();
    private readonly StreamOperation _ending;
    private readonly LoopEnd _loopEnd;
    private bool _outputEnds; // or has ended, or stays open
    private bool _inputEnds;

    public ForeignStream(EventLoop loop, StreamProtocol protocol, Stream input, Stream output, bool leaveOpen)
        : base(loop, protocol, made: null, input.CanRead ? input : null, output.CanWrite ? output : null)
    {
        _loop = loop;
        _input = input;
        _output = output;
        _leaveOpen = leaveOpen;
        _outputEnds = leaveOpen;
        _inputEnds = leaveOpen || ReferenceEquals(input, output);
        _ending = new StreamOperation(loop, this);
        _loopEnd = new LoopEnd(this);
        loop.CallsInProgress.Add(_loopEnd);
    }

    /// <summary>Only if each direction has a stream of its own, whose end is its disposal.</summary>
    public override bool CanWriteEof => !_leaveOpen && !ReferenceEquals(_input, _output);

    private protected override CancellationToken Released => _released.Token;

    private protected override bool Flushes => true;

    public override void Write(ReadOnlySpan<byte> data)
    {
        if (!_output.CanWrite && !IsClosing && (State & TransportState.EofWritten) == 0)
            throw new NotSupportedException("This stream can only be read from.");
        base.Write(data);
    }

    public override void WriteEof()
    {
        if (!CanWriteEof)
            throw new NotSupportedException("This stream cannot end one direction alone. Close it, or wrap two streams, one for each direction.");
        base.WriteEof();
    }

    public override string ToString() => $"<Transport {TypeNames.Of(_output.GetType())}{(IsClosing ? " closing" : "")}>";
}
