using System.Net;

namespace AsyncioSharp.Micro.OnLoop;

/// <summary>Requests and answers of 64 bytes over a connection whose two sides are here.</summary>
internal static class Streaming
{
    public const int Burst = 16;

    private const int Size = 64;

    public static Coroutine OneByOne(int count) => ExchangeAsync(count, 1);

    public static Coroutine Bursts(int count) => ExchangeAsync(count / Burst, Burst);

    private static async Coroutine ExchangeAsync(int rounds, int burst)
    {
        await using var server = await Asyncio.StartServerAsync(AnswerAsync, "127.0.0.1", 0);
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
        await using var connection = writer;
        var message = new byte[Size];
        for (var i = 0; i < rounds; i++)
        {
            for (var j = 0; j < burst; j++)
            {
                writer.Write(message);
                await writer.DrainAsync();
            }
            for (var j = 0; j < burst; j++)
                await reader.ReadExactlyAsync(message);
        }
    }

    private static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using var connection = writer;
        var message = new byte[Size];
        try
        {
            while (true)
            {
                await reader.ReadExactlyAsync(message);
                writer.Write(message);
                await writer.DrainAsync();
            }
        }
        catch (IncompleteReadException)
        {
            // that was all
        }
    }
}
