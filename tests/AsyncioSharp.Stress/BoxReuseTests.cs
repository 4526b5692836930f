namespace AsyncioSharp.Stress;

/// <summary>
/// Coroutines of many layouts, whose boxes are used again and again, while the collector moves everything: what a box takes over from the method's frame it has to
/// take over whole. In this project, as only optimized code has state machines that are copied.
/// </summary>
public sealed class BoxReuseTests
{
    private const int Rounds = 300;
    private const int Most = 60;
    private const int Collections = 200;

    [Fact]
    public void Numbers_texts_and_awaiters_survive_while_the_collector_moves_boxes()
    {
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            for (var i = 0; i < Collections && !stop.IsCancellationRequested; i++)
            {
                GC.Collect(i % 3, GCCollectionMode.Forced, blocking: true, compacting: true);
                Thread.Yield();
            }
        });
        collecting.Start();
        try
        {
            Asyncio.Run(async () =>
            {
                for (var round = 0; round < Rounds; round++)
                    await Round(round % Most + 1, cancels: round % 3 == 0);
            });
        }
        finally
        {
            stop.Cancel();
            collecting.Join();
        }
    }

    private static async Coroutine Round(int depth, bool cancels)
    {
        if (cancels)
        {
            // Boxes that are given back while they wait, with what they await still in them.
            var tasks = new[] { Asyncio.CreateTask(Waits(depth)), Asyncio.CreateTask(Waits(1)) };
            await Asyncio.Yield();
            foreach (var task in tasks)
                task.Cancel();
            await Asyncio.Wait(tasks);
        }
        Assert.Equal(depth, await Ints(depth));
        Assert.Equal(depth, await IntsToYield(depth));
        Assert.Equal(depth, await Longs(depth));
        Assert.Equal(depth * 7, await Mixed(true, 3, (short)depth, 4));
        Assert.Equal(2.5 * depth, await Doubles(2.5, depth));
        Assert.Equal(new string('x', depth), await Texts(depth));
        Assert.Equal($"{depth}:a", await References($"{depth}:", "a", depth));
        Assert.Equal(DayOfWeek.Friday, await Days(DayOfWeek.Friday, depth));
        await Plain(depth);
        Assert.Equal(depth, await new Number(depth).CountDown(depth));
    }

    private static async Coroutine<int> Ints(int depth) => depth > 0 ? 1 + await Ints(depth - 1) : 0;

    private static async Coroutine<int> IntsToYield(int depth)
    {
        if (depth > 0)
            return 1 + await IntsToYield(depth - 1);
        await Asyncio.Yield();
        return 0;
    }

    private static async Coroutine<long> Longs(long depth) => depth > 0 ? 1 + await Longs(depth - 1) : 0;

    private static async Coroutine<int> Mixed(bool flag, byte small, short depth, int big) =>
        depth > 0 && flag ? small + big + await Mixed(flag, small, (short)(depth - 1), big) : 0;

    private static async Coroutine<double> Doubles(double each, int depth) => depth > 0 ? each + await Doubles(each, depth - 1) : 0;

    // The awaiter has a place for a reference besides the coroutine's.
    private static async Coroutine<string> Texts(int depth) => depth > 0 ? "x" + await Texts(depth - 1) : "";

    private static async Coroutine<string> References(string prefix, string end, int depth) =>
        depth > 0 ? await References(prefix, end, depth - 1) : prefix + end;

    private static async Coroutine<DayOfWeek> Days(DayOfWeek day, int depth) => depth > 0 ? await Days(day, depth - 1) : day;

    private static async Coroutine Plain(int depth)
    {
        if (depth > 0)
            await Plain(depth - 1);
    }

    private static async Coroutine<int> Waits(int depth)
    {
        if (depth > 0)
            return await Waits(depth - 1);
        await Asyncio.Sleep(3600);
        return 0;
    }

    private sealed class Number(int value)
    {
        public async Coroutine<int> CountDown(int depth) => depth > 0 ? await CountDown(depth - 1) : value;
    }
}
