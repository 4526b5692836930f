using System.Threading.Channels;

namespace AsyncioSharp.Micro.OnPump;

internal static class Waiting
{
    private const int Batch = 1000;
    private const int Sleepers = 100;

    private static readonly TimerCallback s_nothing = static _ => { };

    /// <summary>Items through a channel bounded to 100, from one producer to one consumer.</summary>
    public static async Task Channel(int count)
    {
        var channel = System.Threading.Channels.Channel.CreateBounded<int>(
            new BoundedChannelOptions(100) { SingleReader = true, SingleWriter = true });
        var producer = Produce(channel.Writer, count);
        for (var i = 0; i < count; i++)
            await channel.Reader.ReadAsync();
        await producer;

        static async Task Produce(ChannelWriter<int> writer, int count)
        {
            for (var i = 0; i < count; i++)
                await writer.WriteAsync(i);
        }
    }

    /// <summary>Timers 10 s away, made and disposed; a thousand at a time.</summary>
    public static async Task Timers(int count)
    {
        var timers = new Timer[Batch];
        for (var i = 0; i < count / Batch; i++)
        {
            for (var j = 0; j < timers.Length; j++)
                timers[j] = new Timer(s_nothing, null, 10_000 + j, Timeout.Infinite);
            foreach (var timer in timers)
                timer.Dispose();
            await Task.Yield();
        }
    }

    /// <summary>Tasks that all sleep 10 s at once.</summary>
    public static async Task Sleep(int count)
    {
        foreach (var task in StartSleepers(count))
            await task;
    }

    /// <summary>A hundred tasks delay for 1 ms again and again.</summary>
    public static async Task Naps(int count)
    {
        foreach (var task in StartNaps(count / Sleepers))
            await task;
    }

    /// <summary>Bytes for one such delay; what starts and ends the tasks is left out.</summary>
    public static async Task<double> SleepAllocation(int count)
    {
        var tasks = StartNaps(1 + count / Sleepers); // all of them are in their first delay
        var before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (var task in tasks)
            await task;
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)count;
    }

    /// <summary>Processor time to wake one of many sleeping tasks and to end it, counted from when all are asleep.</summary>
    public static async Task<double> SleepProcessorTime(int count)
    {
        var tasks = StartSleepers(count);
        var before = Environment.CpuUsage.TotalTime;
        foreach (var task in tasks)
            await task;
        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / count;
    }

    private static Task[] StartNaps(int rounds)
    {
        var tasks = new Task[Sleepers];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = Nap(rounds);
        return tasks;

        static async Task Nap(int rounds)
        {
            for (var i = 0; i < rounds; i++)
                await Task.Delay(1);
        }
    }

    private static Task[] StartSleepers(int count)
    {
        var tasks = new Task[count];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = Nap();
        return tasks;

        static async Task Nap() => await Task.Delay(10_000);
    }
}
