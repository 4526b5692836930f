using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Sockets;

namespace AsyncioSharp.Tests.Files;

public abstract partial class SendFileTests
{
    private static async Coroutine<byte[]> ReceiveAllAsync(Socket socket)
    {
        var received = new List<byte>();
        var buffer = new byte[65536];
        int count;
        while ((count = await EventLoop.Running.SockReceiveAsync(socket, buffer)) > 0)
            received.AddRange(buffer.AsSpan(0, count));
        return [.. received];
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_sendfile.py", "SockSendfileMixin", "test_sock_sendfile_success")]
    [CPythonTest("test_sendfile.py", "SockSendfileMixin", "test_sock_sendfile_mix_with_regular_send")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_blocking_error")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_sock_sendfile_fallback")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_blocking_socket")]
    public void A_socket_sends_a_file_between_other_data(bool native) => Run(async () =>
    {
        using var pair = new SocketPair();
        var receiving = Asyncio.CreateTask(ReceiveAllAsync(pair.Far));
        using var source = Source(native);
        await Loop.SockSendAllAsync(pair.Near, "prefix"u8.ToArray());
        Assert.Equal(Size, await Loop.SockSendFileAsync(pair.Near, source));
        Assert.Equal(Size, source.Position);
        await Loop.SockSendAllAsync(pair.Near, "suffix"u8.ToArray());
        pair.Near.Shutdown(SocketShutdown.Send);
        Assert.True((await receiving).AsSpan().SequenceEqual([.. "prefix"u8, .. _data, .. "suffix"u8]));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_sendfile.py", "SockSendfileMixin", "test_sock_sendfile_with_offset_and_count")]
    [CPythonTest("test_sendfile.py", "SockSendfileMixin", "test_sock_sendfile_offset")]
    [CPythonTest("test_sendfile.py", "SockSendfileMixin", "test_sock_sendfile_zero_size")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_sock_sendfile_fallback_offset_and_count")]
    public void A_socket_sends_a_part_of_a_file(bool native) => Run(async () =>
    {
        using var pair = new SocketPair();
        using var source = Source(native);
        Assert.Equal(2000, await Loop.SockSendFileAsync(pair.Near, source, 1000, 2000));
        Assert.Equal(3000, source.Position);
        Assert.Equal(_data[1000..3000], await Loop.SockReceiveAsync(pair.Far, 5000));
        Assert.Equal(0, await Loop.SockSendFileAsync(pair.Near, source, Size));

        using var empty = File.Create(Path.GetTempFileName(), 1, FileOptions.DeleteOnClose);
        Assert.Equal(0, await Loop.SockSendFileAsync(pair.Near, empty));
        Assert.Equal(0, pair.Far.Available);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_cancel1")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_cancel2")]
    public void A_file_on_a_socket_can_be_cancelled(bool native) => Run(async () =>
    {
        using var pair = new SocketPair();
        pair.Near.SendBufferSize = 64 * 1024;
        using var source = Source(native);
        var sending = Asyncio.CreateTask(Loop.SockSendFileAsync(pair.Near, source));
        await Asyncio.Sleep(0.05); // real time: the buffers fill, whatever thread does it
        sending.Cancel();
        await Asyncio.Wait([sending]);
        Assert.True(sending.IsCanceled);
        var sent = (int)source.Position;
        pair.Near.Shutdown(SocketShutdown.Send);
        var received = await ReceiveAllAsync(pair.Far);
        Assert.True(received.AsSpan().SequenceEqual(_data.AsSpan(0, received.Length)));
        // What was cancelled while it was sent in pieces may have been sent in part.
        Assert.InRange(received.Length, native ? sent : 1, Size - 1);
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_not_a_file")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_iobuffer")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_not_regular_file")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test__sock_sendfile_native_failure")]
    [CPythonTest("test_base_events.py", "BaseLoopSockSendfileTests", "test_sock_sendfile_no_fallback")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_no_fallback_for_fallback_transport")]
    public void Without_fallback_only_the_system_sends() => Run(() => JoinAsync(async (client, server) =>
    {
        using var pair = new SocketPair();
        using var memory = new MemoryStream(_data);
        await Expect.ThrowsAsync<SendfileNotAvailableException>(Loop.SockSendFileAsync(pair.Near, memory, fallback: false));
        await Expect.ThrowsAsync<SendfileNotAvailableException>(Loop.SendFileAsync(client.Transport, memory, fallback: false));
        Assert.Equal(0, memory.Position);
        Assert.Equal(0, server.DataCount);
    }));

    [Fact]
    public void A_stream_without_a_position_is_sent_from_where_it_stands() => Run(async () =>
    {
        using var pair = new SocketPair();
        using var feed = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var pipe = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, feed.GetClientHandleAsString());
        feed.Write("data"u8);
        Assert.Equal(4, await Loop.SockSendFileAsync(pair.Near, pipe, 0, 4));
        Assert.Equal("data"u8.ToArray(), await Loop.SockReceiveAsync(pair.Far, 10));
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_exception")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSockSendfileTests", "test_sock_sendfile_os_error_next_call")]
    public void A_file_to_a_peer_that_has_gone_fails() => Run(async () =>
    {
        using var pair = new SocketPair();
        Reset(pair.Far);
        await Expect.ThrowsAsync<SocketException>(Loop.SockSendFileAsync(pair.Near, _file));
        Assert.Equal(0, _file.Position);
    });
}
