using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Tls;

/// <summary>TLS over transports that deliver while they are written to, so that everything is called inside everything.</summary>
public sealed class TlsOverOwnTransportTests : OnVirtualLoop
{
    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(int.MaxValue, 100_000)]
    [InlineData(1000, 100_000)]
    [InlineData(1, 3_000)]
    public void Two_protocols_that_answer_each_other_lose_nothing(int pieceSize, int length) => Run(async () =>
    {
        var (client, server, clientSide, _) = await ConnectAsync(pieceSize);
        server.Then = happened =>
        {
            if (happened == "data")
                server.Transport.Write("!"u8);
        };
        var data = new byte[length];
        new Random(length).NextBytes(data);

        for (var sent = 0; sent < length; sent += 70_000)
            clientSide.Write(data.AsSpan(sent, Math.Min(70_000, length - sent)));
        await UntilOnLoop(() => server.DataCount >= length && client.DataCount > 0);

        Assert.Equal(data, server.Data);
        clientSide.Close();
        await UntilOnLoop(() => client.IsLost && server.IsLost);
        Assert.EndsWith("lost", client.Events, StringComparison.Ordinal);
        Assert.EndsWith("eof lost", server.Events, StringComparison.Ordinal);
    });

    [Fact]
    public void A_ball_goes_to_and_fro() => Run(async () =>
    {
        var (client, server, clientSide, serverSide) = await ConnectAsync(int.MaxValue);
        client.Then = happened => Answer(happened, client, clientSide);
        server.Then = happened => Answer(happened, server, serverSide);

        clientSide.Write("0"u8);
        await UntilOnLoop(() => client.DataCount == 100 && server.DataCount == 101);

        serverSide.Abort();
        await UntilOnLoop(() => client.IsLost && server.IsLost);

        static void Answer(string happened, Recorder player, Transport side)
        {
            if (happened == "data" && player.DataCount <= 100)
                side.Write("0"u8);
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_side_may_end_it_inside_a_call(bool closes) => Run(async () =>
    {
        var (client, server, clientSide, _) = await ConnectAsync(int.MaxValue);
        server.Then = happened =>
        {
            if (happened != "data")
                return;
            if (closes)
                server.Transport.Close();
            else
                server.Transport.Abort();
        };

        clientSide.Write(new byte[100_000]);
        clientSide.Write(new byte[100_000]);
        await UntilOnLoop(() => client.IsLost && server.IsLost);

        Assert.EndsWith(" made data lost", server.Events, StringComparison.Ordinal);
    });

    [Fact]
    public void Paused_data_stays_in_order() => Run(async () =>
    {
        var (client, server, clientSide, _) = await ConnectAsync(700);
        var data = new byte[50_000];
        new Random(9).NextBytes(data);

        for (var sent = 0; sent < data.Length; sent += 5_000)
        {
            server.Transport.PauseReading();
            clientSide.Write(data.AsSpan(sent, 2_500));
            server.Transport.ResumeReading();
            server.Transport.PauseReading();
            clientSide.Write(data.AsSpan(sent + 2_500, 2_500));
            server.Transport.ResumeReading();
        }
        await UntilOnLoop(() => server.DataCount == data.Length);

        Assert.Equal(data, server.Data);
        clientSide.Abort();
        await UntilOnLoop(() => client.IsLost && server.IsLost);
    });

    private static async Coroutine<(Recorder Client, Recorder Server, Transport ClientSide, Transport ServerSide)> ConnectAsync(int pieceSize)
    {
        var loop = EventLoop.Running;
        var (client, server) = (new Recorder(), new Recorder());
        var (one, other) = TransportPair.Connect(client, server, pieceSize);
        var serving = loop.CreateTask(loop.StartTlsAsync(other, server, Certificates.Server), eagerStart: true);
        var clientSide = await loop.StartTlsAsync(one, client, Certificates.Client);
        var serverSide = await serving;
        // What TLS is put under was told of the plain connection only.
        client.ConnectionMade(clientSide);
        server.ConnectionMade(serverSide);
        return (client, server, clientSide, serverSide);
    }

    private void Run(Func<Coroutine> main)
    {
        Loop.RunUntilComplete(Call());

        // Called inside the loop.
        async Coroutine Call() => await main();
    }
}
