using AsyncioSharp.LowLevel;
using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Tests.Transports;

/// <summary>What debug mode finds in the use of transports.</summary>
public abstract class DebugModeTests(EventLoop loop) : OnNetwork(loop)
{
    [Fact]
    public void Use_from_another_thread_is_an_error() => Run(async () =>
    {
        Loop.Debug = true;
        await using var server = await ServeAsync(() => new Recorder());
        var (transport, _) = await ConnectAsync(server, () => new Recorder());
        Action[] uses =
        [
            () => transport.Write("x"u8), transport.WriteEof, transport.Close, transport.Abort, transport.PauseReading,
            transport.ResumeReading, () => transport.SetWriteBufferLimits(), () => transport.SetProtocol(new Recorder()), server.Close,
        ];

        await Asyncio.ToThread(() => Assert.All(uses, use => Assert.Throws<InvalidOperationException>(use)));

        transport.Abort();
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_exception")]
    public void Writing_on_and_on_to_a_closed_connection_is_reported_once() => Run(async () =>
    {
        var log = new Memory();
        Loop.Logger = log;
        Loop.Debug = true;
        await using var server = await ServeAsync(() => new Recorder());
        var (transport, _) = await ConnectAsync(server, () => new Recorder());
        transport.Abort();

        for (var i = 0; i < 4; i++)
            transport.Write("x"u8);
        Assert.Empty(log.Lines);
        for (var i = 0; i < 10; i++)
            transport.Write("x"u8);

        Assert.StartsWith("Data is written to <Transport", Assert.Single(log.Lines));
    });

    private sealed class Memory : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }

    // At its close the loop looks for coroutines that nobody awaited.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_attempt_that_is_cancelled_before_it_begins_has_forgotten_nothing(bool unix)
    {
        Loop.Debug = true;
        Run(async () =>
        {
            var attempt = Loop.CreateTask(unix ? Asyncio.OpenUnixConnectionAsync("/nowhere") : Asyncio.OpenConnectionAsync("127.0.0.1", 1));
            attempt.Cancel();
            await Expect.ThrowsAsync<CanceledException>(attempt);
        });
        Loop.Close();
        Assert.Empty(Reports());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flush_whose_token_was_cancelled_before_has_forgotten_nothing(bool onAnotherThread)
    {
        Loop.Debug = true;
        Run(async () =>
        {
            await using var server = await ServeAsync(static () => new Recorder());
            var (_, writer) = await ConnectAsync(server);
            var stream = writer.AsStream();
            writer.Write(new byte[20_000_000]); // so that it would have to wait
            var token = new CancellationToken(canceled: true);

            await Expect.CanceledAsync(onAnotherThread ? Task.Run(() => stream.FlushAsync(token), CancellationToken.None) : stream.FlushAsync(token));

            writer.Transport.Abort();
        });
        Loop.Close();
        Assert.Empty(Reports());
    }
}

[Collection(nameof(Alone))]
public sealed class EpollDebugModeTests() : DebugModeTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringDebugModeTests() : DebugModeTests(IoUring.NewLoop());

[Collection(nameof(Alone))]
public sealed class PortableDebugModeTests() : DebugModeTests(new PortableEventLoop());
