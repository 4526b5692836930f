using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Datagrams;

/// <summary>A datagram protocol that writes down what it is told, and can be made to fail at any of it.</summary>
internal sealed class DatagramRecorder : DatagramProtocol
{
    private readonly List<string> _events = [];

    /// <summary>What it was told, in order, but for what it received.</summary>
    public string Events => string.Join(" ", _events);

    /// <summary>The datagrams as text.</summary>
    public List<string> Received { get; } = [];

    public List<EndPoint> Senders { get; } = [];

    public List<SocketException> Errors { get; } = [];

    public DatagramTransport Transport { get; private set; } = null!;

    public bool IsLost { get; private set; }

    public Exception? Reason { get; private set; }

    /// <summary>The call that throws.</summary>
    public string? FailsAt { get; init; }

    /// <summary>What is sent back before each datagram; null to send nothing.</summary>
    public string? Answer { get; init; }

    /// <summary>Called with each event after it was written down.</summary>
    public Action<string>? Then { get; set; }

    public override void ConnectionMade(DatagramTransport transport)
    {
        Transport = transport;
        Note("made");
    }

    public override void DatagramReceived(ReadOnlySpan<byte> data, EndPoint remoteEndPoint)
    {
        Received.Add(Encoding.ASCII.GetString(data));
        Senders.Add(remoteEndPoint);
        if (Answer is not null)
            Transport.SendTo(Encoding.ASCII.GetBytes(Answer + Received[^1]), Transport.RemoteEndPoint is null ? remoteEndPoint : null);
        Note("data");
    }

    public override void ErrorReceived(Exception exception)
    {
        Errors.Add((SocketException)exception);
        Note("error");
    }

    public override void PauseWriting() => Note("pause");

    public override void ResumeWriting() => Note("resume");

    public override void ConnectionLost(Exception? exception)
    {
        Assert.False(IsLost);
        IsLost = true;
        Reason = exception;
        Note("lost");
    }

    private void Note(string happened)
    {
        if (happened != "data")
            _events.Add(happened);
        if (FailsAt == happened)
            throw new DivideByZeroException(happened);
        Then?.Invoke(happened);
    }
}
