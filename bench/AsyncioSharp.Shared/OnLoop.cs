using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Shared;

/// <summary>Tasks of one loop. No lock is needed around the connection: between two awaits nobody else runs.</summary>
internal static class OnLoop
{
    public static async Coroutine RunAsync(int port, int tasks, int size, Measuring measuring)
    {
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
        var waiting = new Queue<Future<bool>>();
        var request = new byte[size];
        long answers = 0;
        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < tasks; i++)
                group.StartSoon(AskAsync());
            group.StartSoon(ReceiveAsync());
            await Asyncio.Sleep(measuring.WarmUp);
            measuring.Begin(answers);
            await Asyncio.Sleep(measuring.Time);
            measuring.End(answers);
            group.Cancel();
        });
        writer.Close();

        async Coroutine AskAsync()
        {
            while (true)
            {
                var answer = EventLoop.Running.CreateFuture<bool>();
                waiting.Enqueue(answer);
                writer.Write(request);
                await writer.DrainAsync();
                await answer;
                answers++;
            }
        }

        async Coroutine ReceiveAsync()
        {
            var answer = new byte[size];
            while (true)
            {
                await reader.ReadExactlyAsync(answer);
                waiting.Dequeue().SetResult(true);
            }
        }
    }
}
