using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Hosts;

namespace AsyncioSharp.Tests;

/// <summary>Programs that print "ready" and wait for Ctrl-C; then they print what became of them.</summary>
internal static class InterruptedPrograms
{
    public static int Run(string name)
    {
        if (name == "uncaught")
            Asyncio.Run(CleansUp());
        else if (name == "uncaught, by termination")
            Asyncio.Run(CleansUp(), new RunnerOptions { HandleTermination = true });
        else if (name is GuestProgram.Interrupted or GuestProgram.InterruptedHost)
            return GuestProgram.RunInterrupted(CleansUp, handle: name == GuestProgram.Interrupted);
        else if (name.Contains("after a run"))
            Asyncio.Run(Ends(), new RunnerOptions { HandleTermination = name == "after a run that handled termination" });
        if (name.StartsWith("after a run"))
            return SleepsWithoutLoop();
        try
        {
            Asyncio.Run(name switch
            {
                "waits" or "waits, after a run" => Waits(),
                "yields" => Yields(),
                "cleans up" => CleansUp(),
                "ignores" => Ignores(),
                "group" => Group(),
                "cancels itself" => CancelsItself(),
                "waits for a thread" => WaitsForThread(),
                "does not end" => DoesNotEnd(),
                "handles it" => Handles(PosixSignal.SIGINT),
                "handles termination" => Handles(PosixSignal.SIGTERM),
                _ => throw new ArgumentException(name),
            }, new RunnerOptions { TaskShutdownTimeout = TimeSpan.FromSeconds(0.05), HandleTermination = name == "handles termination" });
            Console.WriteLine("returned");
            return 0;
        }
        catch (CanceledException e)
        {
            Console.WriteLine($"cancelled: {e.CancelMessage ?? "-"}");
            return 1;
        }
    }

    private static async Coroutine Ends() => await Asyncio.Yield();

    private static int SleepsWithoutLoop()
    {
        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static async Coroutine Handles(PosixSignal signal)
    {
        var handled = new AsyncEvent();
        EventLoop.Running.AddSignalHandler(signal, handled.Set);
        Console.WriteLine("ready");
        await handled.WaitAsync();
        await Asyncio.Sleep(0.02); // for a cancellation that should not come
        EventLoop.Running.RemoveSignalHandler(signal);
        Console.WriteLine("handled");
        await Asyncio.Sleep(TimeSpan.MaxValue);
    }

    private static async Coroutine DoesNotEnd()
    {
        var task = Asyncio.CreateTask(StubbornAsync());
        await Asyncio.Yield();
        Console.WriteLine("ready");
        await Asyncio.Shield(task);

        static async Coroutine StubbornAsync()
        {
            for (; ; )
            {
                try
                {
                    await Asyncio.Sleep(TimeSpan.MaxValue);
                }
                catch (CanceledException)
                {
                }
            }
        }
    }

    private static async Coroutine Waits()
    {
        var future = EventLoop.Running.CreateFuture<bool>();
        Console.WriteLine("ready");
        try
        {
            await future;
        }
        finally
        {
            Console.WriteLine($"future cancelled: {future.IsCanceled}");
        }
    }

    private static async Coroutine Yields()
    {
        Console.WriteLine("ready");
        for (; ; )
            await Asyncio.Yield();
    }

    private static async Coroutine CleansUp()
    {
        Console.WriteLine("ready");
        try
        {
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }
        finally
        {
            await Asyncio.Sleep(0.001);
            Console.WriteLine("cleaned up");
        }
    }

    private static async Coroutine Ignores()
    {
        Console.WriteLine("ready");
        for (; ; )
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            catch (CanceledException)
            {
                Console.WriteLine("ignored");
            }
        }
    }

    private static Coroutine Group() => TaskGroup.RunAsync(async group =>
    {
        for (var i = 0; i < 3; i++)
            group.StartSoon(Child());
        await Asyncio.Yield();
        Console.WriteLine("ready");

        static async Coroutine Child()
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                Console.WriteLine("child");
            }
        }
    });

    private static async Coroutine CancelsItself()
    {
        Console.WriteLine("ready");
        try
        {
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }
        finally
        {
            Asyncio.CurrentTask!.Cancel("by itself");
            await Asyncio.Yield();
        }
    }

    private static async Coroutine WaitsForThread()
    {
        await Asyncio.ToThread(token =>
        {
            Console.WriteLine("ready");
            token.WaitHandle.WaitOne();
            Console.WriteLine("thread told");
        });
    }
}
