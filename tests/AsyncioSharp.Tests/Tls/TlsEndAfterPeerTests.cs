using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>
/// Clients that end their side, announced or not, and wait for the answer: they get what was written before, and do not take a
/// part of an answer for all of it.
/// </summary>
public abstract class TlsEndAfterPeerTests(EventLoop loop) : OnTls(loop)
{
    private static readonly byte[] s_much = Enumerable.Repeat((byte)'x', 32 * 1024 * 1024).ToArray();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_that_goes_on_is_cut_and_both_sides_know(bool says) => Run(async () =>
    {
        using var peer = new EndingPeer(says);
        Exception? failure = null;
        await using var server = await ServeAsync(async (_, writer) =>
        {
            failure = await Expect.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                {
                    writer.Write(s_much.AsSpan(0, 100_000));
                    await writer.DrainAsync();
                }
            });
            await Expect.ThrowsAsync<IOException>(async () => await writer.WaitClosedAsync());
        }, Serving);
        peer.End.Set();
        peer.Read.Set();

        await peer.TalkAsync(server);
        await Until(() => server.ClientCount == 0 && failure is not null);

        Assert.False(peer.IsToldOfEnd);
        Assert.Contains("not sent", failure!.Message, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_that_begins_after_the_end_is_refused(bool says) => Run(async () =>
    {
        using var peer = new EndingPeer(says);
        var handled = new TaskCompletionSource();
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            await reader.ReadAsync();
            writer.Write(s_much);
            Assert.Contains("not sent", (await Expect.ThrowsAsync<IOException>(writer.DrainAsync())).Message, StringComparison.Ordinal);
            writer.Close();
            handled.SetResult();
        }, Serving);
        peer.End.Set();
        peer.Read.Set();

        await peer.TalkAsync(server);
        await handled.Task;

        Assert.Equal(0, peer.Count);
        Assert.False(peer.IsToldOfEnd);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_protocol_that_writes_more_when_it_may_learns_that_it_is_not_sent(bool says) => Run(async () =>
    {
        var protocol = new Recorder();
        protocol.Then = happened =>
        {
            if (happened == "resume")
                protocol.Transport.Write(s_much);
        };

        using var peer = await AnswerAsync(says, protocol);

        Assert.Equal("made data pause eof resume lost", protocol.Events);
        Assert.IsType<IOException>(protocol.Reason);
        Assert.Equal(s_much.Length, peer.Count);
        Assert.False(peer.IsToldOfEnd);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_as_the_peer_ends_is_sent_and_what_follows_is_not(bool says) => Run(async () =>
    {
        var protocol = new Recorder();
        protocol.Then = happened =>
        {
            if (happened != "eof")
                return;
            protocol.Transport.Write(s_much.AsSpan(0, 1000));
            Loop.CallSoon(() => protocol.Transport.Write(s_much.AsSpan(0, 1000)));
        };

        using var peer = await AnswerAsync(says, protocol);

        Assert.IsType<IOException>(protocol.Reason);
        Assert.Equal(s_much.Length + 1000, peer.Count);
        Assert.False(peer.IsToldOfEnd);
    });

    [Theory]
    [InlineData(true, false, false, true)]
    [InlineData(true, true, false, true)]
    [InlineData(true, true, true, true)]
    [InlineData(false, false, false, true)]
    [InlineData(false, true, false, false)] // as in Python: nobody on this side has said that this was all
    [InlineData(false, true, true, true)]
    public void An_answer_that_was_written_before_arrives(bool says, bool hasMore, bool closes, bool isToldOfEnd) => Run(async () =>
    {
        var protocol = new Recorder { KeepOpen = hasMore };
        protocol.Then = happened =>
        {
            if (closes && happened == "eof")
                Loop.CallSoon(() => protocol.Transport.Close());
        };

        using var peer = await AnswerAsync(says, protocol);

        Assert.Null(protocol.Reason);
        Assert.Equal(s_much.Length, peer.Count);
        Assert.Equal(isToldOfEnd, peer.IsToldOfEnd);
    });

    [Fact]
    public void What_is_written_behind_an_abort_of_the_programs_own_is_dropped_as_ever() => Run(async () =>
    {
        var protocol = new Recorder();
        protocol.Then = happened =>
        {
            if (happened == "eof")
                Loop.CallSoon(AbortAndWrite);
        };

        await Expect.ThrowsAsync<IOException>(async () => (await AnswerAsync(says: true, protocol)).Dispose());

        await Until(() => protocol.IsLost);
        Assert.Null(protocol.Reason);

        void AbortAndWrite()
        {
            protocol.Transport.Abort();
            protocol.Transport.Write(s_much.AsSpan(0, 1000));
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_cut_is_not_taken_for_whole(bool says) => Run(async () =>
    {
        var protocol = new Recorder();
        using var peer = new EndingPeer(says);
        await using var server = await ServeAsync(() => protocol, Serving);
        var talk = peer.TalkAsync(server);
        await Until(() => protocol.DataCount > 0);

        var sending = Asyncio.CreateTask(Loop.SendFileAsync(protocol.Transport, new MemoryStream(s_much)));
        await Until(() => protocol.Transport.WriteBufferSize > 0);
        protocol.Transport.ResumeReading(); // or the end would be noticed behind the file
        peer.End.Set();
        await Until(() => protocol.Transport.IsClosing);
        peer.Read.Set();

        await Expect.ThrowsAsync<SocketException>(async () => await sending);
        await talk;
        Assert.InRange(peer.Count, 1, s_much.Length - 1);
        Assert.False(peer.IsToldOfEnd);
    });

    // The protocol answers with more than the system takes, and the peer reads it after the protocol has noticed its end.
    private static async Coroutine<EndingPeer> AnswerAsync(bool says, Recorder protocol)
    {
        var peer = new EndingPeer(says);
        await using var server = await ServeAsync(() => protocol, Serving);
        var talk = peer.TalkAsync(server);
        await Until(() => protocol.DataCount > 0);

        protocol.Transport.Write(s_much);
        Assert.NotEqual(0, protocol.Transport.WriteBufferSize);
        peer.End.Set();
        await Until(() => protocol.Transport.IsClosing);
        peer.Read.Set();

        await talk;
        await Until(() => protocol.IsLost);
        return peer;
    }

    private sealed class EndingPeer(bool says) : IDisposable
    {
        public ManualResetEventSlim End { get; } = new();

        public ManualResetEventSlim Read { get; } = new();

        public int Count { get; private set; }

        public bool IsToldOfEnd { get; private set; }

        public Task TalkAsync(Server server) => BlockingPeer.Connect(server, stream =>
        {
            var records = new RecordCounter(stream);
            using var tls = BlockingPeer.Connect(records);
            tls.Write("request"u8);
            End.Wait();
            if (says)
                BlockingPeer.SendCloseNotify(tls);
            else
                stream.Socket.Shutdown(SocketShutdown.Send);
            Read.Wait();
            Count = BlockingPeer.Drain(tls);
            IsToldOfEnd = records.EndsWithAlert;
        });

        public void Dispose()
        {
            End.Dispose();
            Read.Dispose();
        }
    }
}

public sealed class EpollTlsEndAfterPeerTests() : TlsEndAfterPeerTests(new EpollEventLoop());

public sealed class IoUringTlsEndAfterPeerTests() : TlsEndAfterPeerTests(IoUring.NewLoop());

public sealed class PortableTlsEndAfterPeerTests() : TlsEndAfterPeerTests(new PortableEventLoop());
