using System.Diagnostics;
using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Subprocesses;

/// <summary>
/// Starts thousands of children on several loops, and others by <see cref="Process"/> meanwhile; they are read, killed,
/// cancelled and timed out at random moments. In the end nothing of them may be left, and nothing of what they wrote be lost.
/// </summary>
internal sealed class ManyChildren(int seed)
{
    private const int Loops = 3, AtOnce = 6, OthersAtOnce = 3;
    private const int MaxLength = 150_000, MaxLines = 3000, MaxMilliseconds = 12;
    private static readonly SubprocessOptions s_piped = new() { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Pipe };
    private static readonly byte[] s_yes = [.. Enumerable.Range(0, 10_001).Select(static i => (byte)(i % 2 == 0 ? 'y' : '\n'))];
    private readonly List<string> _wrong = [];
    private int _started;

    /// <summary>How many were started on loops.</summary>
    public int Started => _started;

    /// <summary>What was not as it should be.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>Runs them all, some hundreds in a second.</summary>
    /// <param name="count">How many on loops.</param>
    /// <param name="others">How many by .NET.</param>
    public void Run(int count, int others)
    {
        var random = new Random(seed);
        var byDotnet = Enumerable.Range(0, OthersAtOnce).Select(_ => OthersAsync(others / OthersAtOnce)).ToArray();
        var threads = new List<Thread>();
        for (var i = 0; i < Loops; i++)
        {
            var own = new Random(random.Next());
            var share = count / Loops + (i < count % Loops ? 1 : 0);
            threads.Add(new Thread(() => Asyncio.Run(ChildrenAsync(own, share), new RunnerOptions { HandleInterrupt = false })));
            threads[^1].Start();
        }
        foreach (var thread in threads)
            thread.Join();
        Task.WaitAll(byDotnet);
    }

    // What .NET starts has its own exit code and output, whatever the loops wait for.
    private async Task OthersAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var process = Process.Start(
                new ProcessStartInfo("sh") { ArgumentList = { "-c", $"echo {i}; exit {i % 100}" }, RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Check(output == $"{i}\n" && process.ExitCode == i % 100, $"{i} of .NET: {output.Trim()}, exit code {process.ExitCode}");
        }
    }

    private async Coroutine ChildrenAsync(Random random, int count)
    {
        EventLoop.Running.ExceptionHandler = (_, report) => Check(false, report.ToString());
        var places = new AsyncSemaphore(AtOnce);
        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < count; i++)
            {
                await places.AcquireAsync();
                var (fate, length, pause) =
                    (random.Next(6), random.Next(MaxLength), TimeSpan.FromMilliseconds(random.NextDouble() * MaxMilliseconds));
                var task = Asyncio.CreateTask(fate switch
                {
                    0 => WholeAsync(random, length),
                    1 => LinesAsync(random.Next(MaxLines)),
                    2 => KilledAsync(length, pause),
                    3 => TimedOutAsync(length, pause),
                    4 => TreeAsync(pause),
                    _ => EndlessAsync(),
                });
                if (fate == 5)
                    EventLoop.Running.CallLater(pause, static task => task.Cancel(), task);
                group.StartSoon(EndAsync(task));
            }
        });

        async Coroutine EndAsync(AsyncioTask task)
        {
            try
            {
                await Asyncio.Wait([task]);
                Check(!task.IsFaulted, $"{task.Exception}");
            }
            finally
            {
                places.Release();
            }
        }
    }

    private async Coroutine<Subprocess> StartAsync(string program, string[] arguments, SubprocessOptions options)
    {
        var process = await Asyncio.CreateSubprocessExecAsync(program, arguments, options);
        Interlocked.Increment(ref _started);
        return process;
    }

    private async Coroutine WholeAsync(Random random, int length)
    {
        var data = new byte[length];
        random.NextBytes(data);
        await using var process = await StartAsync("cat", [], s_piped);
        var (output, _) = await process.CommunicateAsync(data);
        Check(output.AsSpan().SequenceEqual(data) && process.ReturnCode == 0,
            $"cat: {output!.Length} of {length} bytes, exit code {process.ReturnCode}");
    }

    private async Coroutine LinesAsync(int count)
    {
        await using var process = await StartAsync("seq", [$"{count}"], s_piped);
        var seen = 0;
        await foreach (var line in process.ReadLinesAsync())
            seen += line.Text == $"{seen + 1}" ? 1 : 0;
        Check(seen == count && await process.WaitAsync() == 0, $"seq: {seen} of {count} lines");
    }

    private async Coroutine KilledAsync(int length, TimeSpan pause)
    {
        var data = Enumerable.Range(0, length).Select(static i => (byte)(i * 7 % 251)).ToArray();
        var process = await StartAsync("cat", [], s_piped);
        var communicating = Asyncio.CreateTask(process.CommunicateAsync(data));
        await Asyncio.Sleep(pause);
        process.Kill();
        var (output, _) = await communicating;
        var exitCode = await process.WaitAsync();
        var isRight = exitCode == -9 || (exitCode == 0 && output!.Length == length);
        Check(isRight && data.AsSpan().StartsWith(output), $"killed: {output!.Length} of {length} bytes, exit code {exitCode}");
    }

    private async Coroutine TimedOutAsync(int length, TimeSpan pause)
    {
        await using var process = await StartAsync("head", ["-c", $"{length}", "/dev/zero"], s_piped);
        try
        {
            var (output, _) = await Asyncio.WaitFor(process.CommunicateAsync(), pause);
            Check(output!.Length == length, $"head: {output.Length} of {length} bytes");
        }
        catch (TimeoutException)
        {
        }
    }

    private async Coroutine TreeAsync(TimeSpan pause)
    {
        var options = s_piped with { KillEntireProcessTree = true, GracePeriod = pause };
        await using var process = await StartAsync("sh", ["-c", "sleep 1000 & echo $!; wait"], options);
        var child = Encoding.UTF8.GetString(await process.StandardOutput!.ReadLineAsync()).Trim();
        Check(int.TryParse(child, out _), $"sh: {child}");
    }

    private async Coroutine EndlessAsync()
    {
        await using var process = await StartAsync("yes", [], s_piped with { StandardInput = Stdio.Null });
        var buffer = new byte[s_yes.Length - 1];
        for (long position = 0; ;)
        {
            var count = await process.StandardOutput!.ReadAsync(buffer);
            var pattern = position % 2 == 0 ? s_yes : s_yes.AsSpan(1);
            Check(pattern.StartsWith(buffer.AsSpan(0, count)), "yes: a byte is missing, or came twice");
            position += count;
        }
    }

    private void Check(bool isRight, string what)
    {
        if (isRight)
            return;
        lock (_wrong)
            _wrong.Add(what);
    }
}
