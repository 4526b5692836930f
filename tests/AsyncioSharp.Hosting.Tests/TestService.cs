namespace AsyncioSharp.Hosting.Tests;

/// <summary>A service that does what the test says, each time that it is started.</summary>
internal sealed class TestService(AsyncioRuntime runtime, TestService.Script script) : AsyncioBackgroundService(runtime)
{
    public sealed class Script(Func<int, Coroutine> run)
    {
        public int Starts;

        public Coroutine RunAsync() => run(Interlocked.Increment(ref Starts));
    }

    protected override Coroutine ExecuteAsync() => script.RunAsync();
}
