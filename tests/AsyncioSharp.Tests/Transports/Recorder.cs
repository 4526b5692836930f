using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>A protocol that writes down what it is told, and can be made to fail at any of it.</summary>
internal sealed class Recorder : Protocol
{
    private readonly List<string> _events = [];
    private readonly List<byte> _data = [];

    /// <summary>What it was told, in order; data that came in pieces counts once.</summary>
    public string Events => string.Join(" ", _events);

    public byte[] Data => [.. _data];

    public int DataCount => _data.Count;

    public Transport Transport { get; private set; } = null!;

    public Exception? Reason { get; private set; }

    public bool IsLost { get; private set; }

    /// <summary>Whether writing is paused.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>What <see cref="EofReceived"/> returns.</summary>
    public bool KeepOpen { get; init; }

    /// <summary>The call that throws.</summary>
    public string? FailsAt { get; set; }

    /// <summary>Called with each event after it was written down.</summary>
    public Action<string>? Then { get; set; }

    public override void ConnectionMade(Transport transport)
    {
        Transport = transport;
        Note("made");
    }

    public override void DataReceived(ReadOnlySpan<byte> data)
    {
        Assert.False(data.IsEmpty);
        _data.AddRange(data);
        Note("data");
    }

    public override bool EofReceived()
    {
        Note("eof");
        return KeepOpen;
    }

    public override void PauseWriting()
    {
        Assert.False(IsPaused);
        IsPaused = true;
        Note("pause");
    }

    public override void ResumeWriting()
    {
        Assert.True(IsPaused);
        IsPaused = false;
        Note("resume");
    }

    public override void ConnectionLost(Exception? exception)
    {
        Assert.False(IsLost);
        IsLost = true;
        Reason = exception;
        Note("lost");
    }

    private void Note(string happened)
    {
        if (happened != "data" || _events[^1] != "data")
            _events.Add(happened);
        if (FailsAt == happened)
            throw new DivideByZeroException(happened);
        Then?.Invoke(happened);
    }
}
