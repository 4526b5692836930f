using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.Micro.OnPump;

internal static class Streaming
{
    private const int Size = 64;

    public static Task OneByOne(int count) => ExchangeAsync(count, 1);

    public static Task Bursts(int count) => ExchangeAsync(count / OnLoop.Streaming.Burst, OnLoop.Streaming.Burst);

    private static async Task ExchangeAsync(int rounds, int burst)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var serving = AnswerAsync(await listener.AcceptTcpClientAsync());
        var message = new byte[Size];
        using (var stream = client.GetStream())
        {
            for (var i = 0; i < rounds; i++)
            {
                for (var j = 0; j < burst; j++)
                    await stream.WriteAsync(message);
                for (var j = 0; j < burst; j++)
                    await stream.ReadExactlyAsync(message);
            }
        }
        await serving;
    }

    private static async Task AnswerAsync(TcpClient accepted)
    {
        using var client = accepted;
        client.NoDelay = true;
        var message = new byte[Size];
        try
        {
            var stream = client.GetStream();
            while (true)
            {
                await stream.ReadExactlyAsync(message);
                await stream.WriteAsync(message);
            }
        }
        catch (EndOfStreamException)
        {
            // that was all
        }
    }
}
