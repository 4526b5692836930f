using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Streams;

// Files that are there already, or are gone, or are somebody else's; sockets of the program; misuse.
public abstract partial class UnixSocketTests
{
    private static Socket NewSocket(SocketType type = SocketType.Stream) => new(AddressFamily.Unix, type, ProtocolType.Unspecified);

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_existing_path_sock")]
    public void What_another_server_left_behind_is_replaced() => Run(async () =>
    {
        using (var stale = NewSocket())
        {
            stale.Bind(new UnixDomainSocketEndPoint(_path));
            stale.Listen();
            File.Move(_path, _path + "-"); // .NET would remove it
        }
        File.Move(_path + "-", _path);
        Assert.True(File.Exists(_path));

        await using var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path);

        Assert.Equal("hello\n", await AskAsync(_path));
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_existing_path_nonsock")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_bind_error")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_unix_server_path_socket_error")]
    public void Other_files_are_not() => Run(async () =>
    {
        File.WriteAllText(_path, "mine");
        try
        {
            var failure = await Expect.ThrowsAsync<SocketException>(Asyncio.StartUnixServerAsync(EchoAsync, _path));

            Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
            Assert.StartsWith($"The server cannot listen on {_path}: ", failure.Message);
            Assert.Equal("mine", File.ReadAllText(_path));
        }
        finally
        {
            File.Delete(_path);
        }
        var missing = await Expect.ThrowsAsync<SocketException>(Asyncio.StartUnixServerAsync(EchoAsync, Path.Combine(_path, "no-such-folder")));
        Assert.Contains("no-such-folder", missing.Message);
        Assert.EndsWith($"there is no directory '{_path}'", missing.Message);
    });

    [Fact]
    [CPythonTest("test_server.py", "UnixServerCleanupTests", "test_unix_server_cleanup_replaced")]
    public void A_file_that_became_another_servers_is_left_alone() => Run(async () =>
    {
        var first = await Asyncio.StartUnixServerAsync(EchoAsync, _path);
        await using var second = await Asyncio.StartUnixServerAsync(EchoAsync, _path);

        await first.DisposeAsync();

        Assert.Equal("hello\n", await AskAsync(_path));
    });

    [Fact]
    [CPythonTest("test_server.py", "UnixServerCleanupTests", "test_unix_server_cleanup_gone")]
    public void A_file_that_is_gone_already_is_not_missed() => Run(async () =>
    {
        var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path);
        File.Delete(_path);

        await server.DisposeAsync();
    });

    [Fact]
    [CPythonTest("test_server.py", "UnixServerCleanupTests", "test_unix_server_cleanup_prevented")]
    public void A_file_can_be_left_behind() => Run(async () =>
    {
        var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path, new ServerOptions { CleanUpSocket = false });

        await server.DisposeAsync();

        Assert.True(File.Exists(_path));
        File.Delete(_path);
    });

    [Fact]
    [CPythonTest("test_server.py", "UnixServerCleanupTests", "test_unix_server_sock_cleanup")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_path_stream_bittype")]
    public void A_bound_socket_is_taken_over_with_its_file() => Run(async () =>
    {
        using var socket = NewSocket();
        socket.Bind(new UnixDomainSocketEndPoint(_path));
        var server = await Asyncio.StartUnixServerAsync(EchoAsync, null, new ServerOptions { Socket = socket });

        Assert.Equal("hello\n", await AskAsync(_path));

        await server.DisposeAsync();
        Assert.False(File.Exists(_path));
    });

    [Fact]
    public void A_closed_loop_leaves_no_file()
    {
        Run(async () => await Asyncio.StartUnixServerAsync(EchoAsync, _path));
        Assert.True(File.Exists(_path));

        Loop.Close();

        Assert.False(File.Exists(_path));
    }

    [Fact]
    public void A_connected_socket_can_be_taken_over() => Run(async () =>
    {
        await using var server = await Asyncio.StartUnixServerAsync(EchoAsync, _path);
        var socket = NewSocket();
        socket.Connect(new UnixDomainSocketEndPoint(_path));

        var (reader, writer) = await Asyncio.OpenUnixConnectionAsync(null, new ConnectionOptions { Socket = socket });
        await using (writer)
        {
            writer.Write("taken\n"u8);
            Assert.Equal(Bytes("taken\n"), await reader.ReadLineAsync());
        }
    });

    [Fact]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_nopath_nosock")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_path_inetsock")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_server_path_dgram")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_connection_path_inetsock")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_connection_path_sock")]
    [CPythonTest("test_unix_events.py", "SelectorEventLoopUnixSocketTests", "test_create_unix_connection_nopath_nosock")]
    public void Mistakes_are_thrown_at_the_call() => Run(() =>
    {
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var datagram = NewSocket(SocketType.Dgram);
        using var stream = NewSocket();

        foreach (var socket in new[] { tcp, datagram })
        {
            var failure = Assert.Throws<ArgumentException>(
                "options", () => Loop.CreateUnixServerAsync(() => new Recorder(), null, new ServerOptions { Socket = socket }));
            Assert.StartsWith("A Unix stream socket is needed", failure.Message);
            Assert.Throws<ArgumentException>(
                "options", () => Loop.CreateUnixConnectionAsync(() => new Recorder(), null, new ConnectionOptions { Socket = socket }));
        }
        Assert.Throws<ArgumentException>(
            "path", () => Loop.CreateUnixServerAsync(() => new Recorder(), _path, new ServerOptions { Socket = stream }));
        Assert.Throws<ArgumentException>("path", () => Asyncio.OpenUnixConnectionAsync(_path, new ConnectionOptions { Socket = stream }));
        Assert.Throws<ArgumentNullException>("path", () => Loop.CreateUnixServerAsync(() => new Recorder(), null));
        Assert.Throws<ArgumentNullException>("path", () => Asyncio.OpenUnixConnectionAsync(null));
        Assert.Throws<ArgumentException>("path", () => Asyncio.OpenUnixConnectionAsync(""));
        Assert.Throws<ArgumentOutOfRangeException>("path", () => Asyncio.OpenUnixConnectionAsync(new string('x', 200)));
        Assert.Throws<ArgumentOutOfRangeException>("path", () => Asyncio.StartUnixServerAsync(EchoAsync, new string('x', 200)));
        Assert.Throws<ArgumentNullException>("factory", () => Loop.CreateUnixServerAsync(null!, _path));
        Assert.Throws<ArgumentNullException>("factory", () => Loop.CreateUnixConnectionAsync<Recorder>(null!, _path));
        Assert.Throws<ArgumentNullException>("clientConnected", () => Asyncio.StartUnixServerAsync(null!, _path));
        return Coroutine.Completed;
    });
}
