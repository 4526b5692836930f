using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Sockets;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Files;

/// <summary>Files sent on transports and sockets, by the system and in pieces.</summary>
public abstract partial class SendFileTests : OnNetwork, IDisposable
{
    private const int Size = 3_000_000;

    private readonly byte[] _data = new byte[Size];
    private readonly string _path = Path.GetTempFileName();
    private readonly FileStream _file;

    protected SendFileTests(EventLoop loop)
        : base(loop)
    {
        Random.Shared.NextBytes(_data);
        File.WriteAllBytes(_path, _data);
        _file = File.OpenRead(_path);
    }

    // A file the system can send, and a stream it cannot.
    private Stream Source(bool native) => native ? _file : new MemoryStream(_data);

    // Two protocols joined by a connection with small buffers.
    private protected async Coroutine JoinAsync(Func<Recorder, Recorder, Coroutine> body, bool receiverPaused = false)
    {
        var server = new Recorder();
        await using var listener = await ServeAsync(() => server);
        var (transport, client) = await ConnectAsync(listener, () => new Recorder());
        transport.Socket!.SendBufferSize = 64 * 1024;
        await Until(() => server.Transport is not null);
        if (receiverPaused)
            server.Transport.PauseReading();
        await body(client, server);
        client.Transport.Abort();
        server.Transport.Abort();
        await Until(() => client.IsLost && server.IsLost);
    }

    // Does something while a file is sent to a peer that does not read yet; then all of it must arrive.
    private protected Coroutine WhileSendingAsync(Func<Recorder, Recorder, AsyncioTask<long>, Coroutine> body) => JoinAsync(async (client, server) =>
    {
        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, _file));
        await Expect.Turns(3);
        await body(client, server, sending);
        server.Transport.ResumeReading();
        Assert.Equal(Size, await sending);
        await Until(() => server.DataCount == Size);
        Assert.True(_data.AsSpan().SequenceEqual(server.Data));
    }, receiverPaused: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_force_fallback")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_pre_and_post_data")]
    public void A_file_comes_between_what_is_written_before_and_after(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        var prefix = new byte[500_000];
        Array.Fill(prefix, (byte)1);
        client.Transport.Write(prefix);
        using var source = Source(native);
        Assert.Equal(Size, await Loop.SendFileAsync(client.Transport, source));
        Assert.Equal(Size, source.Position);
        client.Transport.Write("suffix"u8);
        client.Transport.Close();
        await Until(() => server.IsLost);
        Assert.True(server.Data.AsSpan().SequenceEqual([.. prefix, .. _data, .. "suffix"u8]));
        Assert.Equal(client, client.Transport.GetProtocol());
    }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_partial")]
    [CPythonTest("test_sendfile.py", "SockSendfileMixin", "test_sendfile_offset")]
    public void A_part_of_a_file_can_be_sent(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        using var source = Source(native);
        Assert.Equal(100, await Loop.SendFileAsync(client.Transport, source, 1000, 100));
        Assert.Equal(1100, source.Position);
        Assert.Equal(10, await Loop.SendFileAsync(client.Transport, source, Size - 10, 100));
        Assert.Equal(Size, source.Position);
        Assert.Equal(0, await Loop.SendFileAsync(client.Transport, source, Size + 10));
        await Until(() => server.DataCount == 110);
        Assert.Equal([.. _data[1000..1100], .. _data[^10..]], server.Data);
    }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_the_end_no_file_is_sent(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        client.Transport.Write(new byte[2_000_000]);
        client.Transport.WriteEof();
        using var source = Source(native);
        var failure = Assert.Throws<InvalidOperationException>(() => Loop.SendFileAsync(client.Transport, source));
        Assert.Contains("WriteEof", failure.Message);
        server.Transport.ResumeReading();
        await Until(() => server.Events.Contains("eof", StringComparison.Ordinal));
        Assert.Equal(2_000_000, server.DataCount);
    }, receiverPaused: true));

    [Fact]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_for_closing_transp")]
    public void No_file_is_sent_on_a_transport_that_is_closing() => Run(() => JoinAsync(async (client, server) =>
    {
        client.Transport.Close();
        Assert.Contains("is closing", Assert.Throws<InvalidOperationException>(() => Loop.SendFileAsync(client.Transport, _file)).Message);
        Assert.Equal(0, _file.Position);
    }));

    // Of a coroutine that is awaited later than it was made.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_file_is_sent_on_a_transport_that_has_begun_to_close_since_the_call(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        client.Transport.Write(new byte[2_000_000]); // so that it is not lost at once
        using var source = Source(native);
        var sending = Loop.SendFileAsync(client.Transport, source);

        client.Transport.Close();

        Assert.Contains("is closing", (await Expect.ThrowsAsync<InvalidOperationException>(sending)).Message);
        server.Transport.ResumeReading();
        await Until(() => server.IsLost);
        Assert.Equal(2_000_000, server.DataCount);
        Assert.Equal(0, source.Position);
    }, receiverPaused: true));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_file_is_sent_behind_an_end_that_was_written_since_the_call(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        client.Transport.Write(new byte[2_000_000]);
        using var source = Source(native);
        var sending = Loop.SendFileAsync(client.Transport, source);

        client.Transport.WriteEof();

        Assert.Contains("WriteEof", (await Expect.ThrowsAsync<InvalidOperationException>(sending)).Message);
        server.Transport.ResumeReading();
        await Until(() => server.Events.Contains("eof", StringComparison.Ordinal));
        Assert.Equal(2_000_000, server.DataCount);
        Assert.Equal(0, source.Position);
    }, receiverPaused: true));

    // Of those that are sent in pieces, the second would have come between the pieces of the first.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_files_that_are_sent_at_a_time_the_second_is_refused(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        using var source = Source(native);
        using var regular = File.OpenRead(_path);
        using var memory = new MemoryStream(_data);
        var second = Loop.SendFileAsync(client.Transport, regular);
        var third = Loop.SendFileAsync(client.Transport, memory);
        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Expect.Turns(3);

        foreach (var other in (Coroutine<long>[])[second, third])
            Assert.Contains("A file is being sent on this connection", (await Expect.ThrowsAsync<InvalidOperationException>(other)).Message);
        Assert.Equal((0, 0), (regular.Position, memory.Position));

        server.Transport.ResumeReading();
        Assert.Equal(Size, await sending);
        await Until(() => server.DataCount == Size);
        Assert.True(_data.AsSpan().SequenceEqual(server.Data));
        Assert.Equal(client, client.Transport.GetProtocol());
        server.Transport.Write("answer"u8); // which is received again
        await Until(() => client.DataCount == 6);
    }, receiverPaused: true));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_close_peer_in_the_middle_of_receiving")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_fallback_close_peer_in_the_middle_of_receiving")]
    public void A_peer_that_goes_in_the_middle_is_an_error(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        server.Then = happened =>
        {
            if (happened == "data")
                server.Transport.Abort();
        };
        using var source = Source(native);
        await Expect.ThrowsAsync<SocketException>(Loop.SendFileAsync(client.Transport, source));
        Assert.InRange(source.Position, server.DataCount, Size - 1);
        Assert.True(client.Transport.IsClosing);
    }));

    [Fact]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_close_peer_after_receiving")]
    public void A_peer_that_goes_after_the_last_byte_is_none() => Run(() => JoinAsync(async (client, server) =>
    {
        server.Then = happened =>
        {
            if (happened == "data" && server.DataCount == Size)
                server.Transport.Close();
        };
        Assert.Equal(Size, await Loop.SendFileAsync(client.Transport, _file));
        await Until(() => client.IsLost);
        Assert.True(_data.AsSpan().SequenceEqual(server.Data));
    }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_whose_sending_is_cancelled_leaves_a_connection_that_goes_on(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        using var source = Source(native);
        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Asyncio.Sleep(0.05); // real time: the buffers fill, whatever thread does it
        Assert.False(sending.IsCompleted);
        Assert.False(client.Transport.IsReading);
        sending.Cancel();
        await Asyncio.Wait([sending]);
        Assert.True(sending.IsCanceled);
        Assert.True(client.Transport.IsReading);
        Assert.Same(client, client.Transport.GetProtocol());
        var sent = (int)source.Position;
        client.Transport.Write("and on"u8);
        server.Transport.ResumeReading();
        await Until(() => server.DataCount >= sent + 6);
        Assert.True(server.Data.AsSpan().SequenceEqual([.. _data[..sent], .. "and on"u8]));
        server.Transport.Write("answer"u8);
        await Until(() => client.DataCount == 6);
    }, receiverPaused: true));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transport_that_is_aborted_meanwhile_fails_it(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        using var source = Source(native);
        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Until(() => server.Transport.Socket!.Available > 0);
        client.Transport.Abort();
        Assert.Equal(SocketError.ConnectionAborted, (await Expect.ThrowsAsync<SocketException>(sending)).SocketErrorCode);
        Assert.InRange(source.Position, 1, Size - 1);
        await Until(() => client.IsLost);
        Assert.EndsWith("lost", client.Events);
    }, receiverPaused: true));

    // Whoever reads resumes reading, once little is left of what had come before.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_task_reads_while_a_file_is_sent_is_not_lost(bool native) => Run(async () =>
    {
        var taken = Loop.CreateFuture<byte[]>();
        await using var server = await Asyncio.StartServerAsync(async (reader, writer) =>
        {
            await using (writer)
            {
                writer.Write(_data);
                writer.WriteEof();
                taken.SetResult(await reader.ReadAsync());
            }
        }, "127.0.0.1", 0);
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
        await Until(() => !writer.Transport.IsReading); // nobody reads yet
        var reading = Asyncio.CreateTask(reader.ReadAsync());

        using var source = Source(native);
        Assert.Equal(Size, await Loop.SendFileAsync(writer.Transport, source));
        writer.WriteEof();

        var (read, sent) = (await reading, await taken);
        Assert.True(_data.AsSpan().SequenceEqual(read));
        Assert.True(_data.AsSpan().SequenceEqual(sent));
        await writer.DisposeAsync();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reading_that_the_program_pauses_meanwhile_stays_paused(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        using var source = Source(native);
        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Expect.Turns(3);
        client.Transport.PauseReading();
        server.Transport.ResumeReading();
        await sending;

        Assert.False(client.Transport.IsReading);
        server.Transport.Write("not yet"u8);
        await Expect.Turns(10);
        Assert.Equal(0, client.DataCount);
        client.Transport.ResumeReading();
        await Until(() => client.DataCount == 7);
    }, receiverPaused: true));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reading_that_was_paused_before_stays_paused_unless_the_program_resumes_it(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        using var source = Source(native);
        client.Transport.PauseReading();
        await Loop.SendFileAsync(client.Transport, source, 0, 10);
        Assert.False(client.Transport.IsReading);

        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Expect.Turns(3);
        client.Transport.ResumeReading();
        server.Transport.ResumeReading();
        await sending;
        Assert.True(client.Transport.IsReading);
        server.Transport.Write("heard"u8);
        await Until(() => client.DataCount == 5);
    }, receiverPaused: true));

    [Fact]
    public void A_protocol_that_fails_at_a_pause_it_missed_does_not_fail_who_sends_the_file() => Run(() => JoinAsync(async (client, server) =>
    {
        client.FailsAt = "pause";
        using var source = Source(native: false);
        client.Transport.SetWriteBufferLimits(int.MaxValue, 0);
        client.Transport.Write(new byte[10 * Size]); // more than the system takes, so that it stays held up
        client.Transport.SetWriteBufferLimits(client.Transport.WriteBufferSize + Size / 10, 0);
        var sent = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Expect.Turns(3);
        Assert.False(sent.IsCompleted);
        sent.Cancel();
        await Expect.ThrowsAsync<CanceledException>(sent);

        HasReportedFailure("Recorder.PauseWriting failed");
        client.FailsAt = null;
        server.Transport.ResumeReading();
    }, receiverPaused: true));

    [Fact]
    public void A_protocol_that_fails_when_it_may_write_again_does_not_fail_who_sends_the_file() => Run(() => JoinAsync(async (client, server) =>
    {
        client.FailsAt = "resume";
        using var source = Source(native: false);
        client.Transport.Write(new byte[Size]);
        Assert.True(client.IsPaused);
        server.Transport.ResumeReading();
        Assert.Equal(1, await Loop.SendFileAsync(client.Transport, source, 0, 1));

        HasReportedFailure("Recorder.ResumeWriting failed");
        client.FailsAt = null;
    }, receiverPaused: true));

    // The end had been noticed, and was told behind the file.
    [Fact]
    public void A_protocol_that_fails_at_an_end_it_missed_loses_its_connection_and_does_not_fail_who_sends_the_file() => Run(() => JoinAsync(
        async (client, server) =>
        {
            client.FailsAt = "eof";
            using var source = Source(native: false);
            var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
            await Expect.Turns(3);
            client.Transport.ResumeReading();
            server.Transport.WriteEof();
            await Expect.Turns(10);
            server.Transport.ResumeReading();
            Assert.Equal(Size, await sending);

            await Until(() => client.IsLost);
            Assert.IsType<DivideByZeroException>(client.Reason);
            HasReportedFailure("Recorder.EofReceived failed");
        }, receiverPaused: true));

    [Fact]
    public void A_file_that_the_system_takes_at_once_leaves_others_their_turns() => Run(() => JoinAsync(async (client, server) =>
    {
        client.Transport.Socket!.SendBufferSize = 2 * Size;
        var sending = await OthersHaveTheirTurnAsync(() => Loop.SendFileAsync(client.Transport, _file));
        server.Transport.ResumeReading();
        Assert.Equal(Size, await sending);
    }, receiverPaused: true));

    [Fact]
    public void A_file_that_a_socket_takes_at_once_leaves_others_their_turns() => Run(async () =>
    {
        using var pair = new SocketPair();
        pair.Near.SendBufferSize = 2 * Size;
        var sending = await OthersHaveTheirTurnAsync(() => Loop.SockSendFileAsync(pair.Near, _file));
        var rest = Asyncio.CreateTask(ReceiveAllAsync(pair.Far));
        Assert.Equal(Size, await sending);
        pair.Near.Shutdown(SocketShutdown.Send);
        Assert.Equal(Size, (await rest).Length);
    });

    // Somebody else receives before the file is sent, which goes on.
    private async Coroutine<AsyncioTask<long>> OthersHaveTheirTurnAsync(Func<Coroutine<long>> send)
    {
        Assert.SkipUnless(Loop is LinuxEventLoop, "other loops read the file on threads of the pool");
        using var others = new SocketPair();
        var receiving = Asyncio.CreateTask(Loop.SockReceiveAsync(others.Near, 10));
        await Expect.Turns(3);
        others.Far.Send("others"u8);
        var sending = Asyncio.CreateTask(send());
        await Asyncio.Wait([receiving, sending], until: WaitUntil.FirstCompleted);
        Assert.True(receiving.IsCompleted);
        Assert.False(sending.IsCompleted);
        return sending;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pausing_and_resuming_of_writing_go_on_in_turns(bool native) => Run(() => JoinAsync(async (client, server) =>
    {
        // Recorders fail if they are told the same twice.
        client.Transport.Write(new byte[Size]);
        Assert.True(client.IsPaused);
        using var source = Source(native);
        var sending = Asyncio.CreateTask(Loop.SendFileAsync(client.Transport, source));
        await Expect.Turns(3);
        server.Transport.ResumeReading();
        await sending;
        await Until(() => client.Transport.WriteBufferSize == 0);
        Assert.False(client.IsPaused);
        client.Transport.Write(new byte[2 * Size]);
        await Until(() => server.DataCount == 4 * Size && !client.IsPaused);
    }, receiverPaused: true));

    [Fact]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_negative_count")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_negative_offset")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_nonstream_socket")]
    public void Bad_arguments_are_refused_at_once() => Run(() => JoinAsync(async (client, server) =>
    {
        using var pair = new SocketPair();
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.SendFileAsync(client.Transport, _file, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.SendFileAsync(client.Transport, _file, 0, 0));
        Assert.Throws<ArgumentNullException>(() => Loop.SendFileAsync(client.Transport, null!));
        Assert.Throws<ArgumentNullException>(() => Loop.SendFileAsync(null!, _file));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.SockSendFileAsync(pair.Near, _file, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.SockSendFileAsync(pair.Near, _file, 0, -1));
        Assert.Throws<ArgumentException>(() => Loop.SockSendFileAsync(datagrams, _file));
        _file.Dispose();
        Assert.Throws<ArgumentException>(() => Loop.SockSendFileAsync(pair.Near, _file));
    }));

    private void HasReportedFailure(string message)
    {
        var report = Assert.Single(Reports());
        Assert.IsType<DivideByZeroException>(report.Exception);
        Assert.Contains(message, report.Message);
    }

    public new void Dispose()
    {
        base.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}

public sealed partial class EpollSendFileTests() : SendFileTests(new EpollEventLoop());

public sealed partial class IoUringSendFileTests() : SendFileTests(IoUring.NewLoop());

public sealed class PortableSendFileTests() : SendFileTests(new PortableEventLoop());
