#:sdk Microsoft.NET.Sdk.Web
#:project ../src/AsyncioSharp.Hosting/AsyncioSharp.Hosting.csproj

// An ASP.NET Core API whose state lives on an event loop. Kestrel runs the handlers on many threads; each hands a coroutine to
// the one loop and awaits its answer, so that the counters and jobs need no locks.
//
//   dotnet run examples/rest_api.cs -- --urls http://127.0.0.1:8030
//   curl -X POST http://127.0.0.1:8030/counters/apples
//   curl -X POST 'http://127.0.0.1:8030/jobs?steps=20'
//   curl -N http://127.0.0.1:8030/jobs/1/progress
//   curl -X DELETE http://127.0.0.1:8030/jobs/1
//   curl http://127.0.0.1:8030/health

using AsyncioSharp;
using AsyncioSharp.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAsyncio();
builder.Services.AddSingleton<Counters>().AddSingleton<Jobs>();
builder.Services.AddHealthChecks().AddAsyncioLoopCheck();

var app = builder.Build();
app.MapHealthChecks("/health");

app.MapGet("/counters", (Counters counters, CancellationToken aborted) => counters.AllAsync(aborted));
app.MapPost("/counters/{name}", (string name, Counters counters, CancellationToken aborted) => counters.AddAsync(name, aborted));

app.MapPost("/jobs", async (int steps, Jobs jobs, CancellationToken aborted) =>
{
    var id = await jobs.StartAsync(steps, aborted);
    return Results.Accepted($"/jobs/{id}", new { id });
});
app.MapGet("/jobs/{id:int}", async (int id, Jobs jobs, CancellationToken aborted) =>
    await jobs.FindAsync(id, aborted) is { } state ? Results.Ok(state) : Results.NotFound());
app.MapDelete("/jobs/{id:int}", async (int id, Jobs jobs, CancellationToken aborted) =>
    await jobs.CancelAsync(id, aborted) ? Results.NoContent() : Results.NotFound());
app.MapGet("/jobs/{id:int}/progress", async (int id, Jobs jobs, CancellationToken aborted) =>
    await jobs.FindAsync(id, aborted) is null ? Results.NotFound() : TypedResults.ServerSentEvents(jobs.WatchAsync(id, aborted), "progress"));

// Kestrel waits for the requests that run, and a stream of progress runs as long as its job.
var jobs = app.Services.GetRequiredService<Jobs>();
app.Lifetime.ApplicationStopping.Register(() => jobs.CancelAllAsync().GetAwaiter().GetResult());
app.Run();

/// <summary>Something to count, by many handlers at once.</summary>
sealed class Counters(AsyncioLoop loop)
{
    private readonly SortedDictionary<string, int> _counters = []; // touched on the loop only

    public Task<int> AddAsync(string name, CancellationToken aborted) => loop.RunAsync(() =>
    {
        _counters[name] = _counters.GetValueOrDefault(name) + 1;
        return Coroutine.FromResult(_counters[name]);
    }, aborted);

    public Task<Dictionary<string, int>> AllAsync(CancellationToken aborted) =>
        loop.RunAsync(() => Coroutine.FromResult(_counters.ToDictionary()), aborted);
}

/// <summary>Work that goes on after the request that started it, can be watched, and can be cancelled.</summary>
sealed class Jobs(AsyncioLoop loop, ILogger<Jobs> logger)
{
    private readonly Dictionary<int, Job> _jobs = []; // touched on the loop only

    public Task<int> StartAsync(int steps, CancellationToken aborted) => loop.RunAsync(() =>
    {
        var (id, job) = (_jobs.Count + 1, new Job(steps));
        _jobs.Add(id, job);
        job.Task = Asyncio.CreateTask(RunAsync(id, job), $"job {id}");
        return Coroutine.FromResult(id);
    }, aborted);

    public Task<JobState?> FindAsync(int id, CancellationToken aborted) =>
        loop.RunAsync(() => Coroutine.FromResult(_jobs.GetValueOrDefault(id)?.State), aborted);

    public Task<bool> CancelAsync(int id, CancellationToken aborted) => loop.RunAsync(async () =>
    {
        if (!_jobs.TryGetValue(id, out var job))
            return false;
        job.Task!.Cancel();
        await Asyncio.Wait([job.Task]); // until it has cleaned up
        return true;
    }, aborted);

    public Task CancelAllAsync() => loop.RunAsync(() =>
    {
        foreach (var job in _jobs.Values)
            job.Task!.Cancel();
        return default;
    });

    /// <summary>The state now and whenever it changes, to the job's end. It is enumerated on the loop.</summary>
    public IAsyncEnumerable<JobState> WatchAsync(int id, CancellationToken aborted) =>
        loop.StreamAsync(() => _jobs[id].WatchAsync(), cancellationToken: aborted);

    private async Coroutine RunAsync(int id, Job job)
    {
        try
        {
            while (job.State.Done < job.State.Steps)
            {
                await Asyncio.Sleep(0.05); // what takes so long
                job.Change(job.State with { Done = job.State.Done + 1 });
            }
            job.Change(job.State with { Status = "finished" });
        }
        catch (OperationCanceledException)
        {
            job.Change(job.State with { Status = "cancelled" });
            logger.LogInformation("Job {Id} was cancelled after {Done} of {Steps} steps.", id, job.State.Done, job.State.Steps);
            throw;
        }
    }
}

record JobState(int Steps, int Done, string Status);

sealed class Job(int steps)
{
    private AsyncEvent _changed = new();

    public JobState State { get; private set; } = new(steps, 0, "running");

    public AsyncioTask? Task { get; set; }

    public void Change(JobState state)
    {
        State = state;
        _changed.Set();
        _changed = new AsyncEvent();
    }

    public async IAsyncEnumerable<JobState> WatchAsync()
    {
        for (; ; )
        {
            var (state, changed) = (State, _changed);
            yield return state; // whoever takes long to read it misses what is in between, not the end
            if (state.Status != "running")
                yield break;
            await changed.WaitAsync();
        }
    }
}
