using System.Net.Sockets;
using System.Runtime.InteropServices;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Tls;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Streams over Unix sockets.</summary>
public abstract partial class UnixSocketTests(EventLoop loop) : OnNetwork(loop)
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"asyncio-{Guid.NewGuid():N}");

    private static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            writer.Write(await reader.ReadLineAsync());
            await writer.DrainAsync();
        }
    }

    private static async Coroutine<string> AskAsync(string path, ConnectionOptions? options = null)
    {
        var (reader, writer) = await Asyncio.OpenUnixConnectionAsync(path, options);
        await using (writer)
        {
            writer.Write("hello\n"u8);
            return System.Text.Encoding.ASCII.GetString(await reader.ReadAsync());
        }
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_open_unix_connection")]
    [CPythonTest("test_streams.py", "StreamTests", "test_start_unix_server")]
    [CPythonTest("test_server.py", "UnixServerCleanupTests", "test_unix_server_addr_cleanup")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_unix_server")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_unix_connection")]
    public void A_server_is_found_by_its_file_which_goes_with_it() => Run(async () =>
    {
        var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path);

        Assert.Equal("hello\n", await AskAsync(_path));
        Assert.True(File.Exists(_path));

        await server.DisposeAsync();
        Assert.False(File.Exists(_path));
    });

    [Fact]
    public void Addresses_are_paths() => Run(async () =>
    {
        var accepted = new Recorder();
        await using var server = await Loop.CreateUnixServerAsync(() => accepted, _path);

        var (transport, _) = await Loop.CreateUnixConnectionAsync(() => new Recorder(), _path);
        await Until(() => accepted.Transport is not null);

        Assert.Equal(_path, server.Sockets[0].LocalEndPoint!.ToString());
        Assert.Equal(_path, transport.RemoteEndPoint!.ToString());
        Assert.Equal(_path, accepted.Transport.LocalEndPoint!.ToString());
        Assert.Equal("", accepted.Transport.RemoteEndPoint?.ToString() ?? ""); // clients have no name
        Assert.Equal(AddressFamily.Unix, transport.Socket!.AddressFamily);
        transport.Abort();
        await Until(() => accepted.IsLost);
    });

    [Fact]
    public void A_name_can_be_abstract() => Run(async () =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has abstract names.");
        var name = "\0" + Path.GetFileName(_path);
        await using var server = await Asyncio.StartUnixServerAsync(EchoAsync, name, new ServerOptions { UnixFileMode = UnixFileMode.None });

        Assert.Equal("hello\n", await AskAsync(name));
        Assert.False(File.Exists(name[1..]));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void What_comes_behind_a_descriptor_is_received(int before) => Run(async () =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "How a message is laid out differs.");
        var accepted = new Recorder();
        await using var server = await Loop.CreateUnixServerAsync(() => accepted, _path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        var first = Asyncio.CreateTask(Asyncio.ToThread(() => socket.Send(new byte[before]))); // much is received in another way from then on
        await Until(() => accepted.DataCount == before);
        await first;

        SendWithDescriptor((int)socket.Handle, "one"u8.ToArray());
        socket.Send("two"u8);
        await Until(() => accepted.DataCount == before + 6);
        Assert.Equal("onetwo"u8.ToArray(), accepted.Data[before..]);
        socket.Dispose();
        await Until(() => accepted.IsLost);
    });

    // struct msghdr, with one descriptor as SCM_RIGHTS: of the socket itself.
    private static void SendWithDescriptor(int socket, byte[] data)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(data.Length, pinned: true);
        data.CopyTo(bytes, 0);
        var piece = Pinned(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0), data.Length);
        var control = Pinned(20, ((nint)1 << 32) | 1, socket);
        var message = Pinned(
            0, 0, Marshal.UnsafeAddrOfPinnedArrayElement(piece, 0), 1, Marshal.UnsafeAddrOfPinnedArrayElement(control, 0), 24, 0);
        Assert.Equal(data.Length, sendmsg(socket, message, 0));
        GC.KeepAlive((bytes, piece, control));
    }

    private static nint[] Pinned(params ReadOnlySpan<nint> values)
    {
        var pinned = GC.AllocateUninitializedArray<nint>(values.Length, pinned: true);
        values.CopyTo(pinned);
        return pinned;
    }

    [DllImport("libc")]
    private static extern nint sendmsg(int socket, nint[] message, int flags);

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_open_unix_connection_error")]
    public void Where_nobody_listens_there_is_no_connection() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<SocketException>(Asyncio.OpenUnixConnectionAsync(_path));

        Assert.StartsWith($"Connecting to {_path} failed: ", failure.Message);
    });

    [Fact]
    [CPythonTest("test_server.py", "SelectorStartServerTests", "test_start_unix_server_1")]
    public void Serving_for_ever_ends_with_a_cancellation() => Run(async () =>
    {
        var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path, new ServerOptions { StartServing = false });
        Assert.False(server.IsServing);
        await Expect.ThrowsAsync<SocketException>(Asyncio.OpenUnixConnectionAsync(_path));
        var serving = Loop.CreateTask(server.ServeForeverAsync());
        await Until(() => server.IsServing);
        Assert.Equal("hello\n", await AskAsync(_path));

        serving.Cancel();

        await Expect.ThrowsAsync<CanceledException>(serving);
        Assert.Empty(server.Sockets);
        Assert.False(File.Exists(_path));
    });

    [Fact]
    public void Who_may_connect_is_a_matter_of_the_files_mode() => Run(async () =>
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite;

        await using var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path, new ServerOptions { UnixFileMode = Mode });

        Assert.Equal(Mode, ModeOf(_path));
    });

    private static UnixFileMode ModeOf(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        return OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
    }

    [Fact]
    public void A_client_waits_while_the_servers_queue_is_full() => Run(async () =>
    {
        await using var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path, new ServerOptions { Backlog = 0, MaxConnections = 1 });

        // More than the queue takes, and one at a time is served.
        var answers = await Asyncio.Gather(Enumerable.Range(0, 8).Select(_ => AskAsync(_path)));

        Assert.All(answers, static answer => Assert.Equal("hello\n", answer));
    });

    [Fact]
    public void A_client_that_waits_for_the_servers_queue_can_be_cancelled() => Run(async () =>
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_path));
        socket.Listen(0);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(new UnixDomainSocketEndPoint(_path));
        for (var turns = 0; turns < 8; turns++)
        {
            var attempt = Loop.CreateTask(Asyncio.OpenUnixConnectionAsync(_path));
            await Expect.Turns(turns);
            Assert.False(attempt.IsCompleted);
            attempt.Cancel();
            await Expect.ThrowsAsync<CanceledException>(attempt);
        }
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_connection_ssl_noserverhost")]
    [CPythonTest("test_streams.py", "StreamTests", "test_open_unix_connection_no_loop_ssl")]
    public void Tls_goes_over_it_too() => Run(async () =>
    {
        await using var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path, new ServerOptions { Tls = Certificates.Server });

        Assert.Equal("hello\n", await AskAsync(_path, new ConnectionOptions { Tls = Certificates.Client }));
        Assert.Throws<ArgumentException>("options", () => Asyncio.OpenUnixConnectionAsync(_path, new ConnectionOptions { Tls = new() }));
    });
}

public sealed class EpollUnixSocketTests() : UnixSocketTests(new EpollEventLoop());

public sealed class IoUringUnixSocketTests() : UnixSocketTests(IoUring.NewLoop());

public sealed class PortableUnixSocketTests() : UnixSocketTests(new PortableEventLoop());
