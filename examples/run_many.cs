#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Runs many shell commands, so many at a time, each with a time limit, and shows what they do. Ctrl-C ends those that run,
// and everything they have started, before this program ends.
//
//   dotnet run examples/run_many.cs                                       some commands to look at
//   dotnet run examples/run_many.cs -- -j 4 -t 10 'make a' 'make b' …     4 at a time, 10 seconds each
//   ls *.c | sed 's/^/cc -c /' | dotnet run examples/run_many.cs -- -     commands from the standard input
//
// To be read from top to bottom:
//   the program     takes the command line apart, runs the jobs, and says what came of them
//   RunAllAsync     a group of tasks, a semaphore, and a task that draws
//   Job             one command: its process, its last line, its end
//   Screen          the lines that change, on a terminal; elsewhere a line for each end

using System.Diagnostics;
using AsyncioSharp;

var atOnce = Math.Max(2, Environment.ProcessorCount);
double? limit = null;
List<string> commands = [];
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "-j" when i + 1 < args.Length && int.TryParse(args[i + 1], out var number) && number > 0:
            atOnce = number;
            i++;
            break;
        case "-t" when i + 1 < args.Length && double.TryParse(args[i + 1], out var seconds) && seconds > 0:
            limit = seconds;
            i++;
            break;
        case "-":
            while (Console.ReadLine() is { } line)
                commands.Add(line);
            break;
        case ['-', ..]:
            Console.Error.WriteLine("usage: run_many [-j JOBS] [-t SECONDS] COMMAND… | -");
            return 2;
        default:
            commands.Add(args[i]);
            break;
    }
}
if (commands.Count == 0)
    commands = ["sleep 1", "for i in 1 2 3 4 5; do echo step $i; sleep 0.3; done", "exit 3", "sleep 0.5; echo done", "seq 1 100000 | tail -n 1"];

var jobs = commands.ConvertAll(command => new Job(command));
try
{
    Asyncio.Run(RunAllAsync(jobs, atOnce, limit), new RunnerOptions { HandleTermination = true });
}
catch (InterruptedException e)
{
    // All processes have ended by now.
    Console.Error.WriteLine($"interrupted: {jobs.Count(job => job.Outcome is not null)} of {jobs.Count} jobs had ended");
    return e.ExitCode;
}
var failed = jobs.Count(job => job.Outcome != "ok");
Console.WriteLine($"{jobs.Count - failed} of {jobs.Count} jobs went well");
return failed == 0 ? 0 : 1;

static Coroutine RunAllAsync(List<Job> jobs, int atOnce, double? limit) => TaskGroup.RunAsync(async group =>
{
    var screen = new Screen(jobs);
    var drawing = group.CreateTask(screen.DrawAsync());
    var places = new AsyncSemaphore(atOnce);
    await TaskGroup.RunAsync(async running =>
    {
        foreach (var job in jobs)
        {
            await places.AcquireAsync();
            running.StartSoon(RunOneAsync(job));
        }
    });
    drawing.Cancel();

    async Coroutine RunOneAsync(Job job)
    {
        try
        {
            await job.RunAsync(limit);
            screen.Ended(job);
        }
        finally
        {
            places.Release();
        }
    }
});

sealed class Job(string command)
{
    private readonly Stopwatch _clock = new();

    public string Command => command;

    public string LastLine { get; private set; } = "";

    public string? Outcome { get; private set; }

    public bool IsRunning => _clock.IsRunning;

    public TimeSpan Taken => _clock.Elapsed;

    public async Coroutine RunAsync(double? limit)
    {
        var options = new SubprocessOptions
        {
            StandardInput = Stdio.Null,
            StandardOutput = Stdio.Pipe,
            StandardError = Stdio.Pipe,
            KillEntireProcessTree = true, // a shell's children end with it
            GracePeriod = TimeSpan.FromSeconds(2),
        };
        _clock.Start();
        try
        {
            await Asyncio.Timeout(limit is { } seconds ? TimeSpan.FromSeconds(seconds) : null, async _ =>
            {
                await using var process = await Asyncio.CreateSubprocessShellAsync(command, options);
                await foreach (var line in process.ReadLinesAsync())
                    LastLine = line.Text;
                var exitCode = await process.WaitAsync();
                Outcome = exitCode == 0 ? "ok" : exitCode < 0 ? $"signal {-exitCode}" : $"exit code {exitCode}";
            });
        }
        catch (TimeoutException)
        {
            Outcome = "took too long";
        }
        catch (LimitOverrunException)
        {
            Outcome = "wrote too long a line";
        }
        finally
        {
            _clock.Stop();
        }
    }
}

sealed class Screen(List<Job> jobs)
{
    private readonly bool _isLive = !Console.IsOutputRedirected;
    private int _drawn;

    public void Ended(Job job)
    {
        Clear();
        var color = job.Outcome == "ok" ? 32 : 31;
        var outcome = _isLive ? $"\e[{color}m{job.Outcome}\e[0m" : job.Outcome;
        Console.WriteLine($"{outcome}: {job.Command} ({job.Taken.TotalSeconds:F1} s){(job.LastLine.Length > 0 ? $": {job.LastLine}" : "")}");
    }

    public async Coroutine DrawAsync()
    {
        try
        {
            while (_isLive)
            {
                Clear();
                foreach (var job in jobs.Where(job => job.IsRunning))
                {
                    var line = $"{job.Taken.TotalSeconds,6:F1} s  {job.Command}  {job.LastLine}";
                    Console.WriteLine($"\e[2m{line[..Math.Min(line.Length, Console.WindowWidth - 1)]}\e[0m");
                    _drawn++;
                }
                await Asyncio.Sleep(0.1);
            }
        }
        finally
        {
            Clear();
        }
    }

    private void Clear()
    {
        if (_drawn > 0)
            Console.Write($"\e[{_drawn}A\e[J");
        _drawn = 0;
    }
}
