using System.Globalization;
using System.Text.Json.Nodes;
using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Searching;

namespace AsyncioSharp.Stress.Comparing;

/// <summary>
/// Writes random programs and their traces to a file for <c>compare-with-python</c>, which runs the same ones with asyncio.
/// Where it is not asked to, it writes a few of them to nowhere.
/// </summary>
public sealed class TraceExport
{
    // What has no twin in Python, or is not done in an order that could be compared.
    private static readonly HashSet<Type> s_unknown =
        [typeof(Foreign), typeof(ForeignPause), typeof(Enumerated), typeof(TryHolding),
            typeof(GetEach), typeof(Staggered), typeof(Scoped), typeof(Started)];

    [Fact]
    public void Programs_and_their_traces_can_be_written_down()
    {
        var path = Environment.GetEnvironmentVariable("ASYNCIOSHARP_STRESS_EXPORT");
        var seed = int.Parse(Environment.GetEnvironmentVariable("ASYNCIOSHARP_STRESS_SEED") ?? "1", CultureInfo.InvariantCulture);
        var count = path is null
            ? 50
            : int.Parse(Environment.GetEnvironmentVariable("ASYNCIOSHARP_STRESS_COUNT") ?? "1000", CultureInfo.InvariantCulture);
        using var file = path is null ? StreamWriter.Null : new StreamWriter(path);
        for (; count > 0; seed++, count--)
        {
            var program = Generator.Make(seed);
            if (program.All().Any(node => s_unknown.Contains(node.GetType()) || node is Holding { IsPortable: false }))
                continue;
            var json = ProgramAsJson.Of(program);
            var steps = Write(file, seed, program, json, default).Steps;
            for (var step = 1; step <= steps; step++)
            {
                var kind = (InjectionKind)((seed + step) % (int)InjectionKind.Threadsafe);
                Write(file, seed, program, json, new Injection(step, kind, Again: (seed + step) % 4));
            }
        }
    }

    private static Run Write(StreamWriter file, int seed, Node program, JsonObject json, Injection injection)
    {
        using var loop = new VirtualEventLoop();
        loop.ExceptionHandler = static (_, _) => { };
        var run = new Run(loop, program, injection) { Lines = [] };
        run.Execute();
        var main = run.Main;
        run.Lines.Add($"{(main.IsCompletedSuccessfully ? "succeeded" : main.IsCanceled ? "cancelled" : main.IsFaulted ? "failed" : "pending")}, " +
            $"{main.CancelRequests} requests");
        Assert.NotEmpty(run.Lines);
        file.WriteLine(new JsonObject
        {
            ["seed"] = seed,
            ["step"] = injection.Step,
            ["again"] = injection.Again,
            ["kind"] = injection.Kind.ToString(),
            ["trace"] = string.Join(" ", run.Lines),
            ["program"] = json.DeepClone(),
        }.ToJsonString());
        return run;
    }
}
