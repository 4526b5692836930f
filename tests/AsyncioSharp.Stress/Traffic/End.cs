using System.Net.Sockets;
using System.Security.Authentication;

namespace AsyncioSharp.Stress.Traffic;

/// <summary>One end of a connection: writes at random, and reads at random meanwhile.</summary>
internal sealed partial class End(Pair pair, string name, Random random, IReadOnlyList<EventLoop> loops)
{
    private const int NotPlanned = -1;
    private const int LogLength = 30;

    private readonly Queue<string> _log = new();
    private AsyncStreamReader _reader = null!;
    private AsyncStreamWriter _writer = null!;
    private long _received;
    private long _sent;
    private long _total = NotPlanned; // of what is sent, once that is known

    public long Sent => Volatile.Read(ref _sent);

    public long Received => Volatile.Read(ref _received);

    public bool IsAborted { get; private set; }

    public bool HasEnded { get; private set; }

    public string? Mistake { get; private set; }

    private End Peer => pair.PeerOf(this);

    private bool HasPlanned => Volatile.Read(ref _total) != NotPlanned;

    /// <summary>From the connection's beginning to its end.</summary>
    public async Coroutine LiveAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        (_reader, _writer) = (reader, writer);
        if (random.Next(2) == 0)
            writer.Socket!.SendBufferSize = 4096; // so that the system does not take everything at once
        try
        {
            StartReading();
            await WriteAsync(random.Next(40));
            if (pair.IsEncrypted && !pair.IsAborted)
            {
                await UpgradeAsync();
                await WriteAsync(random.Next(40));
            }
            await EndAsync();
        }
        catch (Exception e) when (e is not CanceledException)
        {
            if (!IsOfAbort(e))
                Fail($"failed: {e}");
            _writer.Transport.Abort();
        }
        await CloseAsync();
        HasEnded = true;
    }

    public override string ToString() =>
        $"{name}: sent {_sent}, received {_received}, in all {_total}{(IsAborted ? ", aborted" : "")}{(HasEnded ? ", ended" : "")}, {_writer}, " +
        $"{_writer?.Transport.WriteBufferSize} unsent, {_reader}, {_reading}\n  {string.Join("\n  ", _log)}";

    private async Coroutine EndAsync()
    {
        if (IsAborted)
            return;
        // The last piece comes when it is known how much there is, so that whoever reads up to there needs no end.
        var last = 1 + Size();
        Plan(last);
        Write(last);
        if (!pair.IsEncrypted)
        {
            if (random.Next(3) == 0)
                await TurnsAsync();
            Note("eof");
            _writer.WriteEof();
            if (random.Next(3) == 0)
                await MoveAsync();
        }
        await _reading!;
    }

    private async Coroutine CloseAsync()
    {
        try
        {
            await StopReadingAsync();
            Note("close");
            await _writer.DisposeAsync();
        }
        catch (Exception e) when (e is not CanceledException)
        {
            Fail($"closing failed: {e}");
        }
        if (_writer.Transport.WriteBufferSize != 0)
            Fail("something is left unsent");
    }

    // Says how much there will be, so that the peer waits for no more.
    private void Plan(int last)
    {
        Volatile.Write(ref _total, _sent + last);
        if (pair.IsEncrypted)
            Peer._once?.Cancel();
    }

    private bool IsOfAbort(Exception exception) =>
        pair.IsAborted && exception is (IOException or InvalidOperationException or SocketException or AuthenticationException);

    private async Coroutine TurnsAsync()
    {
        for (var i = random.Next(6); i > 0; i--)
        {
            if (random.Next(4) == 0)
                await Asyncio.Sleep(TimeSpan.Zero);
            else
                await Asyncio.Yield();
        }
    }

    private void Note(string what)
    {
        _log.Enqueue($"{what} at {_sent}/{_received}");
        if (_log.Count > LogLength)
            _log.Dequeue();
    }

    private void Fail(string mistake)
    {
        Note(mistake);
        Mistake ??= $"{name}: {mistake}";
    }
}
