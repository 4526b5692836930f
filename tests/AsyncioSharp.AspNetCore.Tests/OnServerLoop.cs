using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>The base of suites about what depends on how a loop carries connections: abstract tests, and one sealed class for each kind of
/// loop.</summary>
public abstract class OnServerLoop
{
    private readonly Func<EventLoop> _newLoop;

    /// <summary>A test; skipped if there are no loops of that kind here.</summary>
    /// <param name="newLoop">Makes a loop of that kind.</param>
    protected OnServerLoop(Func<EventLoop> newLoop)
    {
        Assert.SkipUnless(newLoop != NewIoUring || IoUringEventLoop.IsSupported, "io_uring is not to be had here");
        _newLoop = newLoop;
    }

    /// <summary>A loop over io_uring; where there is none, the test is skipped.</summary>
    private protected static EventLoop NewIoUring() => new IoUringEventLoop();

    /// <inheritdoc cref="Site.StartAsync"/>
    private protected Task<Site> StartAsync(
        Action<WebApplication> configure, Action<AsyncioTransportOptions>? transport = null, Action<KestrelServerOptions>? kestrel = null,
        HttpProtocols protocols = HttpProtocols.Http1, bool tls = false, Action<KestrelServerOptions>? listen = null) =>
        Site.StartAsync(configure, options =>
        {
            transport?.Invoke(options);
            options.Loops = OfKind(options.Loops);
        }, kestrel, protocols, tls, listen);

    /// <summary>Starts loops that the program runs itself.</summary>
    private protected LoopGroup StartGroup(LoopGroupOptions options) => LoopGroup.Start(OfKind(options));

    /// <summary>Holds a loop up, and returns when it is held.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="release">Lets it go.</param>
    /// <param name="first">What it does before.</param>
    private protected static void Hold(EventLoop loop, ManualResetEventSlim release, Action? first = null)
    {
        using var isHeld = new ManualResetEventSlim();
        loop.CallSoonThreadsafe(() =>
        {
            first?.Invoke();
            isHeld.Set();
            release.Wait(Eventually.Patience);
        });
        isHeld.Wait(Eventually.Patience);
    }

    private LoopGroupOptions OfKind(LoopGroupOptions options) => options with { Runner = options.Runner with { LoopFactory = _newLoop } };
}
