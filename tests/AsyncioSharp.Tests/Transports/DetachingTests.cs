using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Taking a connection from its loop while not everything was sent.</summary>
public abstract class DetachingTests(EventLoop loop) : OnNetwork(loop)
{
    private const int Much = 10_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_end_that_was_written_behind_it_comes_to_the_peer(bool isCanceled) => OnFullConnection(async (recorder, peer) =>
    {
        var transport = recorder.Transport;
        transport.WriteEof();
        var detaching = Loop.CreateTask(Loop.DetachAsync(transport));
        await Expect.Turns(2);
        if (isCanceled)
        {
            detaching.Cancel();
            await Expect.ThrowsAsync<CanceledException>(detaching);
        }

        Assert.Equal(Much, await Asyncio.ToThread(() => ReceiveAll(peer)));

        if (isCanceled)
        {
            transport.Abort();
            return;
        }
        recorder = new Recorder();
        await Loop.AttachAsync(() => recorder, await detaching);
        peer.Send("still heard"u8);
        await Until(() => recorder.DataCount == 11);
        recorder.Transport.Abort();
        await Until(() => recorder.IsLost);
    });

    [Theory]
    [InlineData("line")]
    [InlineData("exactly")]
    public void What_a_task_has_read_in_part_meanwhile_goes_along(string what) => Run(async () =>
    {
        AsyncStreamWriter? writer = null;
        AsyncStreamReader? reader = null;
        await using var server = await ServeAsync(async (r, w) =>
        {
            (reader, writer) = (r, w);
            await w.WaitClosedAsync();
        });
        using var peer = ConnectSocket(server);
        await Until(() => writer is not null);
        peer.Send("abc"u8);
        await Until(() => reader!.ToString().Contains("3 bytes", StringComparison.Ordinal));
        writer!.Write(new byte[Much]);
        var detaching = Loop.CreateTask(writer.DetachAsync());
        await Expect.Turns(2);
        var reading = Loop.CreateTask(ReadAsync());
        await Expect.Turns(2);
        var receiving = Loop.CreateTask(Asyncio.ToThread(() => ReceiveAll(peer, Much)));

        using var connection = await detaching;
        Assert.Contains("moved", (await Expect.ThrowsAsync<InvalidOperationException>(reading)).Message, StringComparison.Ordinal);
        Assert.Equal(Much, await receiving);
        var after = new Recorder();
        await Loop.AttachAsync(() => after, connection);
        await Until(() => after.DataCount == 3);
        Assert.Equal("abc"u8.ToArray(), after.Data);
        after.Transport.Abort();
        await Until(() => after.IsLost);

        async Coroutine ReadAsync()
        {
            if (what == "line")
                await reader!.ReadLineAsync();
            else
                await reader!.ReadExactlyAsync(new byte[10]);
        }
    });

    [Fact]
    public void Closed_meanwhile_it_ends_here() => OnFullConnection(async (recorder, peer) =>
    {
        var detaching = Loop.CreateTask(Loop.DetachAsync(recorder.Transport));
        await Expect.Turns(2);
        recorder.Transport.Close();
        Assert.Equal(Much, await Asyncio.ToThread(() => ReceiveAll(peer)));

        await Expect.ThrowsAsync<InvalidOperationException>(detaching);
        await Until(() => recorder.IsLost);
        Assert.Null(recorder.Reason);
    });

    [Fact]
    public void Reading_that_is_resumed_meanwhile_does_not_keep_it_and_nothing_is_lost() => OnFullConnection(async (recorder, peer) =>
    {
        var detaching = Loop.CreateTask(Loop.DetachAsync(recorder.Transport));
        await Expect.Turns(2);
        recorder.Transport.ResumeReading();
        peer.Send("before "u8);
        await Until(() => recorder.DataCount == 7);
        var receiving = Loop.CreateTask(Asyncio.ToThread(() => ReceiveAll(peer, Much)));
        using var connection = await detaching;
        Assert.Equal(Much, await receiving);

        peer.Send("after"u8);
        var after = new Recorder();
        await Loop.AttachAsync(() => after, connection);
        await Until(() => after.DataCount == 5);
        after.Transport.Abort();
        await Until(() => after.IsLost);
    });

    [Fact]
    public void Reading_that_is_paused_meanwhile_stays_so_if_it_is_not_moved_after_all() => OnFullConnection(async (recorder, peer) =>
    {
        var transport = recorder.Transport;
        var detaching = Loop.CreateTask(Loop.DetachAsync(transport));
        await Expect.Turns(2);
        transport.PauseReading();
        detaching.Cancel();
        await Expect.ThrowsAsync<CanceledException>(detaching);

        Assert.False(transport.IsReading);
        transport.ResumeReading();
        peer.Send("heard"u8);
        await Until(() => recorder.DataCount == 5);
        transport.Abort();
        await Until(() => recorder.IsLost);
    });

    [Fact]
    public void Detached_and_forgotten_it_is_closed() => Run(async () =>
    {
        var recorder = new Recorder();
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        await Until(() => recorder.Transport is not null);
        await Loop.CreateTask(ForgetAsync(recorder));

        await Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return peer.Poll(0, SelectMode.SelectRead);
        });
        Assert.Equal(0, peer.Receive(new byte[1], 0, 1, SocketFlags.None, out _)); // its end, or a reset

        async Coroutine ForgetAsync(Recorder recorder) => await Loop.DetachAsync(recorder.Transport);
    });

    // A connection whose peer does not take what was written.
    private void OnFullConnection(Func<Recorder, Socket, Coroutine> body) => Run(async () =>
    {
        var recorder = new Recorder();
        await using var server = await ServeAsync(() => recorder);
        using var peer = ConnectSocket(server);
        await Until(() => recorder.Transport is not null);
        recorder.Transport.Write(new byte[Much]);
        Assert.NotEqual(0, recorder.Transport.WriteBufferSize);
        await body(recorder, peer);
    });

    private static int ReceiveAll(Socket peer, int most = int.MaxValue)
    {
        peer.ReceiveTimeout = (int)Eventually.Patience.TotalMilliseconds / 3;
        var buffer = new byte[100_000];
        var all = 0;
        for (int count; all < most && (count = peer.Receive(buffer)) > 0;)
            all += count;
        return all;
    }
}

public sealed class EpollDetachingTests() : DetachingTests(new EpollEventLoop());

public sealed class IoUringDetachingTests() : DetachingTests(IoUring.NewLoop());

public sealed class PortableDetachingTests() : DetachingTests(new PortableEventLoop());
