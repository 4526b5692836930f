namespace AsyncioSharp.Tests.Hosts;

/// <summary>A program whose host ends while its guest waits.</summary>
internal static class GuestProgram
{
    public const string Name = "guest is left";

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
}
