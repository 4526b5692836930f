namespace AsyncioSharp.Tests.Hosts;

/// <summary>A program whose host ends while its guest waits.</summary>
internal static class GuestProgram
{
    public const string Name = "guest is left";
    public const string Interrupted = "guest is interrupted";
    public const string InterruptedHost = "guest's host is interrupted";

    public static int Run()
    {
        var (host, waits) = (new TestHost(), false);
        Asyncio.StartGuestRun(async () =>
        {
            waits = true;
            await Asyncio.Sleep(TimeSpan.FromDays(1));
        }, host.Take);
        host.RunUntil(() => waits);
        Console.WriteLine("main ends");
        return 0;
    }

    public static int RunInterrupted(Func<Coroutine> main, bool handle)
    {
        var host = new TestHost();
        var run = Asyncio.StartGuestRun(main, host.Take, null, new RunnerOptions { HandleInterrupt = handle });
        try
        {
            host.Run(run);
            return 0;
        }
        catch (InterruptedException e)
        {
            Console.WriteLine($"{e.Signal}: {e.CancelMessage}");
            return e.ExitCode;
        }
    }
}
