namespace AsyncioSharp.Stress.Traffic;

/// <summary>A connection: its two ends, and what they have to agree on.</summary>
internal sealed class Pair
{
    private int _isTaken;

    public Pair(int seed, bool isEncrypted, string file, IReadOnlyList<EventLoop> loops)
    {
        IsEncrypted = isEncrypted;
        FileName = file;
        Client = new End(this, "client", new Random(seed), loops);
        Server = new End(this, "server", new Random(~seed & int.MaxValue), loops);
    }

    public End Client { get; }

    public End Server { get; }

    /// <summary>Whether it becomes TLS in the middle.</summary>
    public bool IsEncrypted { get; }

    public string FileName { get; }

    public bool IsAborted => Client.IsAborted || Server.IsAborted;

    public End PeerOf(End end) => ReferenceEquals(end, Client) ? Server : Client;

    /// <summary>One of both may receive nothing for as long as it sends: if both did so, each would wait for the other.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    public void Return() => Volatile.Write(ref _isTaken, 0);

    /// <summary>What went wrong, when both have ended.</summary>
    public string? Mistake => Client.Mistake ?? Server.Mistake
        ?? (IsAborted || (Client.Sent == Server.Received && Server.Sent == Client.Received) ? null : "not everything has arrived");

    public override string ToString() => $"{Client}\n{Server}";
}
