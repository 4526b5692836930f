using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Peers that do not behave: what each of them costs is bounded, and the others are served.</summary>
public abstract class HostilePeerTests(EventLoop loop) : OnNetwork(loop)
{
    private const int Peers = 20;

    // Answers each line with a long one.
    private static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            var answer = new byte[20_000];
            answer[^1] = (byte)'\n';
            try
            {
                await foreach (var _ in reader)
                {
                    writer.Write(answer);
                    await writer.DrainAsync();
                }
            }
            catch (IOException)
            {
                // it was reset, or its line too long
            }
        }
    }

    private static async Coroutine AskAsync(Server server)
    {
        var (reader, writer) = await ConnectAsync(server);
        await using (writer)
        {
            writer.Write("question\n"u8);
            Assert.Equal(20_000, (await reader.ReadLineAsync()).Length);
        }
    }

    [Fact]
    public void Peers_that_ask_and_never_read_are_held_up() => Run(async () =>
    {
        List<AsyncStreamWriter> writers = [];
        await using var server = await ServeAsync((reader, writer) =>
        {
            writers.Add(writer);
            return AnswerAsync(reader, writer);
        });
        var peers = Enumerable.Range(0, Peers).Select(_ => ConnectSocket(server)).ToList();
        var question = new byte[10_000];
        Array.Fill(question, (byte)'\n');
        foreach (var peer in peers)
            peer.Send(question); // the answers would be 200 MB

        await Until(() => writers.Count == Peers && writers.TrueForAll(static writer => writer.Transport.WriteBufferSize > 0));
        for (var i = 0; i < 10; i++)
            await AskAsync(server);

        Assert.All(writers[..Peers], static writer =>
            Assert.InRange(writer.Transport.WriteBufferSize, 1, writer.Transport.WriteBufferLimits.High + 20_000));
        peers.ForEach(Reset);
        await Until(() => server.ClientCount == 0);
    });

    [Fact]
    public void Peers_that_send_a_byte_at_a_time_and_reset_in_the_middle_disturb_nobody() => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync);
        var peers = Enumerable.Range(0, Peers).Select(_ => ConnectSocket(server)).ToList();
        var letters = "a question that is never asked"u8.ToArray();
        foreach (var letter in letters)
        {
            foreach (var peer in peers)
            {
                peer.NoDelay = true;
                peer.Send([letter]);
            }
            await AskAsync(server);
        }
        await Until(() => server.ClientCount == Peers); // those who asked have gone

        peers.ForEach(Reset);

        await Until(() => server.ClientCount == 0);
        await AskAsync(server);
    });

    [Fact]
    public void A_line_without_end_is_cut_off_at_the_limit() => Run(async () =>
    {
        await using var server = await ServeAsync(AnswerAsync, new ServerOptions { Limit = 10_000 });
        using var peer = ConnectSocket(server);
        await Until(() => server.ClientCount == 1);

        await Asyncio.ToThread(() =>
        {
            var piece = new byte[100_000];
            try
            {
                for (var i = 0; i < 1000; i++)
                    peer.Send(piece); // 100 MB, if somebody took them
                Assert.Fail("It was all taken.");
            }
            catch (SocketException)
            {
                // the server has closed the connection
            }
        });

        await Until(() => server.ClientCount == 0);
        await AskAsync(server);
    });
}

public sealed class EpollHostilePeerTests() : HostilePeerTests(new EpollEventLoop());

public sealed class IoUringHostilePeerTests() : HostilePeerTests(IoUring.NewLoop());

public sealed class PortableHostilePeerTests() : HostilePeerTests(new PortableEventLoop());
