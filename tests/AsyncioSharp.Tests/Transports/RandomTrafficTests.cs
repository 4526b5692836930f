using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>
/// Connections that carry data both ways in pieces of random sizes, pause, end one side first, are closed or aborted: what
/// arrives is what was sent, from its beginning and in order, and all of it unless somebody has aborted.
/// </summary>
public abstract class RandomTrafficTests(EventLoop loop) : OnNetwork(loop)
{
    private const int Connections = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_arrives_is_what_was_sent(int seed) => Run(async () =>
    {
        var random = new Random(seed);
        var accepted = new Dictionary<string, Talker>();
        await using var server = await ServeAsync(() => new Talker(new Random(random.Next()), accepted));
        List<Talker> talkers = [];
        for (var i = 0; i < Connections; i++)
        {
            var (_, talker) = await ConnectAsync(server, () => new Talker(new Random(random.Next()), null));
            talkers.Add(talker);
        }
        await Until(() => accepted.Count == Connections);
        talkers.AddRange(accepted.Values);

        await Asyncio.Gather(talkers.Select(static talker => talker.TalkAsync()));
        await Until(() => talkers.TrueForAll(static talker => talker.IsLost));

        foreach (var talker in talkers)
        {
            var peer = accepted.GetValueOrDefault(talker.Name) == talker
                ? talkers.Find(other => other != talker && other.Name == talker.Name)!
                : accepted[talker.Name];
            Assert.Null(talker.Mistake);
            if (talker.IsAborted || peer.IsAborted)
                Assert.True(peer.Received <= talker.Sent);
            else
                Assert.Equal(talker.Sent, peer.Received);
        }
        Assert.Contains(talkers, static talker => talker.WasPaused);
    });

    // Sends a sequence of bytes that everybody knows, and checks that it gets the same one.
    private sealed class Talker(Random random, Dictionary<string, Talker>? accepted) : Protocol
    {
        private Transport _transport = null!;
        private bool _paused;
        private bool _ended;
        private bool _peerEnded;

        public string Name { get; private set; } = "";

        public long Sent { get; private set; }

        public long Received { get; private set; }

        public bool IsLost { get; private set; }

        public bool IsAborted { get; private set; }

        public bool WasPaused { get; private set; }

        public string? Mistake { get; private set; }

        public async Coroutine TalkAsync()
        {
            var buffer = new byte[400_000];
            for (var i = random.Next(40); i > 0 && !IsLost; i--)
            {
                var size = random.Next(4) == 0 ? random.Next(buffer.Length) : random.Next(2000);
                for (var j = 0; j < size; j++)
                    buffer[j] = Expected(Sent + j);
                if (_transport.IsClosing)
                    break;
                _transport.Write(buffer.AsSpan(0, size));
                Sent += size;
                if (random.Next(5) == 0)
                    _transport.PauseReading();
                await Expect.Turns(random.Next(5));
                _transport.ResumeReading();
                while (_paused && !IsLost && random.Next(10) > 0)
                    await Asyncio.Yield();
            }
            if (random.Next(6) == 0)
            {
                IsAborted = true;
                _transport.Abort();
            }
            else if (!_transport.IsClosing)
            {
                _ended = true;
                _transport.WriteEof();
                if (_peerEnded)
                    _transport.Close();
            }
        }

        public override void ConnectionMade(Transport transport)
        {
            _transport = transport;
            Name = (accepted is null ? transport.LocalEndPoint : transport.RemoteEndPoint)!.ToString()!;
            accepted?.Add(Name, this);
            transport.Socket!.SendBufferSize = 4096; // so that the system does not take everything at once
            transport.SetWriteBufferLimits(high: random.Next(200_000));
        }

        public override void DataReceived(ReadOnlySpan<byte> data)
        {
            if (IsLost || _transport.IsClosing)
                Mistake ??= "data after the end";
            foreach (var one in data)
            {
                if (one != Expected(Received++))
                    Mistake ??= $"another byte than was sent at {Received - 1}";
            }
        }

        // The connection ends when both sides have.
        public override bool EofReceived()
        {
            _peerEnded = true;
            return !_ended;
        }

        public override void PauseWriting()
        {
            Mistake ??= _paused ? "paused twice" : null;
            _paused = WasPaused = true;
        }

        public override void ResumeWriting()
        {
            Mistake ??= _paused ? null : "resumed twice";
            _paused = false;
        }

        public override void ConnectionLost(Exception? exception)
        {
            Mistake ??= IsLost ? "lost twice" : null;
            IsLost = true;
        }

        private static byte Expected(long position) => (byte)(position % 251 ^ position >> 10);
    }
}

public sealed class EpollRandomTrafficTests() : RandomTrafficTests(new EpollEventLoop());

public sealed class IoUringRandomTrafficTests() : RandomTrafficTests(IoUring.NewLoop());

public sealed class PortableRandomTrafficTests() : RandomTrafficTests(new PortableEventLoop());
