using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>A buffered protocol with a buffer of a given size.</summary>
internal sealed class BufferedRecorder(int size) : BufferedProtocol
{
    private readonly byte[] _buffer = new byte[size];

    public List<byte> Data { get; } = [];

    public Transport Transport { get; private set; } = null!;

    public bool IsAtEof { get; private set; }

    /// <summary>What <see cref="EofReceived"/> returns.</summary>
    public bool KeepsOpen { get; init; }

    public bool IsLost { get; private set; }

    public Exception? Reason { get; private set; }

    /// <summary>The call that throws.</summary>
    public string? FailsAt { get; init; }

    public override void ConnectionMade(Transport transport) => Transport = transport;

    public override Memory<byte> GetBuffer(int sizeHint) =>
        FailsAt == nameof(GetBuffer) ? throw new DivideByZeroException() : _buffer;

    public override void BufferUpdated(int count)
    {
        if (FailsAt == nameof(BufferUpdated))
            throw new DivideByZeroException();
        Data.AddRange(_buffer.AsSpan(0, count));
    }

    public override bool EofReceived()
    {
        IsAtEof = true;
        return FailsAt == nameof(EofReceived) ? throw new DivideByZeroException() : KeepsOpen;
    }

    public override void ConnectionLost(Exception? exception)
    {
        IsLost = true;
        Reason = exception;
    }
}
