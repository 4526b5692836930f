namespace AsyncioSharp.Tests;

/// <summary>Programs that share their terminal with a child; they print "ready" when somebody may type.</summary>
internal static class TerminalPrograms
{
    public const string Prefix = "terminal, ";

    private const string Ready = "echo ready; exec sleep 1000";

    public static int Run(string name)
    {
        switch (name[Prefix.Length..])
        {
            case "child in the foreground":
                Asyncio.Run(ChildAsync(new()));
                break;
            case "child in a group of its own":
                Asyncio.Run(ChildAsync(new() { ProcessGroup = 0 }));
                break;
            case "child reads":
                Asyncio.Run(ReadsAsync());
                break;
            case "child changes the terminal":
                Asyncio.Run(ChangesAsync());
                break;
            case "ignores":
                Asyncio.Run(IgnoresAsync());
                break;
            default:
                throw new ArgumentException(name);
        }
        return 0;
    }

    private static async Coroutine ChildAsync(SubprocessOptions options)
    {
        // Opens the console, as programs do; from then on .NET has its hand on the terminal.
        _ = Console.KeyAvailable;
        var process = await Asyncio.CreateSubprocessShellAsync(Ready, options);
        try
        {
            await process.WaitAsync();
            await Asyncio.Sleep(TimeSpan.MaxValue); // Ctrl-C comes to both, in any order
        }
        finally
        {
            await process.DisposeAsync();
            Console.WriteLine($"child gave {process.ReturnCode}");
        }
    }

    private static async Coroutine ReadsAsync()
    {
        await using var process = await Asyncio.CreateSubprocessShellAsync(
            "test -t 0 && test -t 1 && echo ready; read line; echo \"child read $line\"");
        Console.WriteLine($"child gave {await process.WaitAsync()}");
        Console.WriteLine($"then the program read {Console.ReadLine()}");
    }

    private static async Coroutine ChangesAsync()
    {
        await using var process = await Asyncio.CreateSubprocessShellAsync(
            "saved=$(stty -g); stty -echo -icanon; echo ready; dd bs=1 count=1 2>/dev/null; stty $saved; echo");
        Console.WriteLine($"child gave {await process.WaitAsync()}");
    }

    private static async Coroutine IgnoresAsync()
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
}
