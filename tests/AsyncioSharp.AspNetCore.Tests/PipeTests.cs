using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>A connection's pipes, as code uses them that speaks another protocol than HTTP.</summary>
public abstract class PipeTests(Func<EventLoop> newLoop) : OnServerLoop(newLoop)
{
    [Fact]
    public async Task What_was_written_is_sent_also_if_its_flush_was_cancelled()
    {
        await using var site = await ServeAsync(async connection =>
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            input.AdvanceTo((await input.ReadAsync()).Buffer.End);
            output.CancelPendingFlush();
            Assert.True((await output.WriteAsync("all"u8.ToArray())).IsCanceled);
            await input.ReadAsync();
        });
        using var peer = Peer.Connect(site.Port);

        peer.Send("x");

        peer.ReadUntil("all");
    }

    [Fact]
    public async Task Of_two_flushes_at_a_time_the_second_is_refused()
    {
        var refused = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await ServeAsync(async connection =>
        {
            var output = connection.Transport.Output;
            await connection.Transport.Input.ReadAsync();
            ValueTask<FlushResult> flush;
            while ((flush = output.WriteAsync(new byte[100_000])).IsCompleted)
                await flush;
            refused.SetResult(await Record.ExceptionAsync(async () => await output.FlushAsync()));
            await flush;
        });
        using var peer = Peer.Connect(site.Port);

        peer.Send("x");

        Assert.IsType<InvalidOperationException>(await refused.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        peer.ReadToEnd();
    }

    [Fact]
    public async Task A_read_that_is_cancelled_by_its_token_loses_nothing()
    {
        await using var site = await ServeAsync(async connection =>
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            for (var i = 0; i < 100; i++)
            {
                using var cancel = new CancellationTokenSource();
                var read = input.ReadAsync(cancel.Token);
                if (i % 2 == 0)
                    cancel.Cancel();
                else
                    cancel.CancelAfter(TimeSpan.FromMicroseconds(i * 10));
                try
                {
                    var result = await read;
                    await output.WriteAsync(result.Buffer.ToArray());
                    input.AdvanceTo(result.Buffer.End);
                }
                catch (OperationCanceledException e)
                {
                    Assert.Equal(cancel.Token, e.CancellationToken);
                }
            }
            while (await input.ReadAsync() is { IsCompleted: false } result)
            {
                await output.WriteAsync(result.Buffer.ToArray());
                input.AdvanceTo(result.Buffer.End);
            }
        });
        using var peer = Peer.Connect(site.Port);

        for (var i = 0; i < 200; i++)
            peer.Send($"{i},");

        peer.ReadUntil("198,199,");
    }

    // As parsers do that need the whole: what they have looked at and not used must not hold up what they wait for.
    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1024 * 1024)]
    public async Task More_comes_than_may_be_buffered_as_long_as_all_is_looked_at(int max)
    {
        var data = new byte[3 * 1024 * 1024];
        Random.Shared.NextBytes(data);
        await using var site = await ServeAsync(async connection =>
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            var read = await input.ReadAsync();
            while (read.Buffer.Length < data.Length)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await input.ReadAsync();
            }
            Assert.Equal(data, read.Buffer.ToArray());
            input.AdvanceTo(read.Buffer.End);
            await output.WriteAsync("all"u8.ToArray());
            await input.ReadAsync();
        }, options => options.MaxReadBufferSize = max);
        using var peer = Peer.Connect(site.Port);

        peer.Send(data);

        peer.ReadUntil("all");
    }

    [Fact]
    public async Task Data_that_comes_while_another_thread_cancels_the_read_is_not_lost()
    {
        const int Rounds = 1000;
        var reads = Channel.CreateUnbounded<CancellationTokenSource>();
        await using var site = await ServeAsync(async connection =>
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            for (var i = 0; i < Rounds; i++)
            {
                var cancel = new CancellationTokenSource();
                var read = input.ReadAsync(cancel.Token);
                reads.Writer.TryWrite(cancel);
                try
                {
                    await EchoAsync(await read);
                }
                catch (OperationCanceledException e) when (e.CancellationToken == cancel.Token)
                {
                    // what has come is for the next
                }
            }
            reads.Writer.Complete();
            while (await input.ReadAsync() is { IsCompleted: false } rest)
                await EchoAsync(rest);

            async Task EchoAsync(ReadResult result)
            {
                await output.WriteAsync(result.Buffer.ToArray());
                input.AdvanceTo(result.Buffer.End);
            }
        });
        using var peer = Peer.Connect(site.Port);

        var sent = new StringBuilder();
        await foreach (var cancel in reads.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            var piece = $"{sent.Length},";
            sent.Append(piece);
            peer.Send(piece);
            Thread.SpinWait(sent.Length % 100 * 10); // so that they meet in this moment or that
            cancel.Cancel();
        }
        sent.Append("end");
        peer.Send("end");

        Assert.Equal(sent.ToString(), peer.ReadUntil("end"));
    }

    [Fact]
    public async Task A_read_ends_also_if_the_loops_did_before_a_reset_could_be_told()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var group = StartGroup(new LoopGroupOptions { Count = 1, Runner = new() { TaskShutdownTimeout = TimeSpan.FromMilliseconds(50) } });
        using var stopped = new ManualResetEventSlim();
        await using var site = await ServeAsync(async connection =>
        {
            await using var _ = connection.ConnectionClosed.Register(() => stopped.Wait(Patience));
            var input = connection.Transport.Input;
            input.AdvanceTo((await input.ReadAsync()).Buffer.End);
            var read = input.ReadAsync();
            waiting.SetResult();
            ended.SetResult(await Record.ExceptionAsync(async () => await read));
        }, options => options.Group = group);
        var peer = Peer.Connect(site.Port);
        peer.Send("x");
        await waiting.Task;

        peer.Reset();
        await group.StopAsync(TimeSpan.Zero);
        stopped.Set();

        Assert.IsType<ConnectionResetException>(await ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_can_be_stopped_after_the_loops_that_the_program_runs()
    {
        var group = StartGroup(new LoopGroupOptions { Count = 1 });
        await using var site = await ServeAsync(_ => Task.CompletedTask, options => options.Group = group);

        await group.StopAsync(TimeSpan.Zero);

        await site.StopAsync(TestContext.Current.CancellationToken);
        site.HasNothingToComplain();
    }

    private Task<Site> ServeAsync(Func<ConnectionContext, Task> serve, Action<AsyncioTransportOptions>? transport = null) => StartAsync(
        app => { }, transport, listen: Serving(serve));

    /// <summary>Has connections served without HTTP.</summary>
    internal static Action<KestrelServerOptions> Serving(Func<ConnectionContext, Task> serve) =>
        options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Run(serve));
}

// epoll's on Linux
public sealed class PipeTestsOnUsualLoop() : PipeTests(EventLoop.New);

public sealed class PipeTestsOnIoUring() : PipeTests(NewIoUring);
