using AsyncioSharp.LowLevel;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>Which loop Kestrel gets.</summary>
[CollectionDefinition(nameof(WhichLoopTests), DisableParallelization = true)] // a variable and a policy are the whole process's
[Collection(nameof(WhichLoopTests))]
public sealed class WhichLoopTests
{
    private const string Variable = "ASYNCIOSHARP_LOOP";

    [Theory]
    [InlineData(null)]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task It_is_the_usual_one_unless_the_environment_says_otherwise(string? value)
    {
        var before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, value);
        try
        {
            Assert.Equal(NameOfUsual(), await LoopOfARequestAsync());
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    [Fact]
    public async Task Its_connections_are_over_io_uring_where_that_is_to_be_had()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", () => EventLoop.Running is IoUringEventLoop { HasRing: true }));
        using var client = new HttpClient();
        using var usual = EventLoop.New();
        Assert.SkipUnless(usual is IoUringEventLoop, "The environment has chosen another loop.");
        Assert.Equal(IoUringEventLoop.IsSupported ? "true" : "false", await client.GetStringAsync(site.Address));
    }

    [Fact]
    public async Task It_is_the_one_that_the_program_asks_for()
    {
        Assert.Equal(nameof(PortableEventLoop), await LoopOfARequestAsync(options => options.Loops = options.Loops with
        {
            Runner = new RunnerOptions { LoopFactory = () => new PortableEventLoop() },
        }));
    }

    [Fact]
    public async Task It_is_the_one_that_a_policy_makes()
    {
        var before = EventLoopPolicy.Current;
        EventLoopPolicy.Current = new PortablePolicy();
        try
        {
            Assert.Equal(nameof(PortableEventLoop), await LoopOfARequestAsync());
        }
        finally
        {
            EventLoopPolicy.Current = before;
        }
    }

    private static string NameOfUsual()
    {
        using var loop = EventLoop.New();
        return loop.GetType().Name;
    }

    private static async Task<string> LoopOfARequestAsync(Action<AsyncioTransportOptions>? transport = null)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", () => EventLoop.Running.GetType().Name), transport);
        using var client = new HttpClient();
        return await client.GetStringAsync(site.Address);
    }

    private sealed class PortablePolicy : EventLoopPolicy
    {
        public override EventLoop NewEventLoop() => new PortableEventLoop();
    }
}
