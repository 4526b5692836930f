namespace AsyncioSharp.Load;

/// <summary>The other side of <see cref="Idle"/>: connects, says so, uses each connection when it is told to.</summary>
internal static class Clients
{
    private const int AtOnce = 200;

    public static async Coroutine<int> RunAsync(Kind kind, int port, int count)
    {
        var connections = new List<(AsyncStreamReader Reader, AsyncStreamWriter Writer)>(count);
        while (connections.Count < count)
        {
            connections.AddRange(await Asyncio.Gather(
                Enumerable.Range(0, Math.Min(AtOnce, count - connections.Count)).Select(_ => Kinds.ConnectAsync(kind, port))));
        }
        Console.WriteLine("connected");
        await Asyncio.ToThread(Console.ReadLine);
        foreach (var (_, writer) in connections)
            writer.Write("x"u8);
        foreach (var (reader, _) in connections)
            await reader.ReadExactlyAsync(1);
        Console.WriteLine("served");
        await Asyncio.ToThread(Console.ReadLine);
        await Asyncio.Gather(connections.Select(static connection => connection.Writer.DisposeAsync()));
        return 0;
    }
}
