using System.Net;
using System.Text;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>The loop that programs get on Linux: it makes a ring with the first connection or use of a file. Its calls of the kernel are
/// counted, and fail, which is why these tests are here.</summary>
[Collection(nameof(Alone))]
public sealed class LateRingTests : IDisposable
{
    private const string Setup = "io_uring_setup";
    private const int ENOMEM = 12;
    private const int EMFILE = 24;

    private readonly IoUringEventLoop _loop = IoUring.NewLoop();

    public void Dispose() => _loop.Close();

    [Fact]
    public void Without_connections_and_files_there_is_none()
    {
        using var plan = new FaultPlan(Setup, error: 0, at: 0);

        _loop.RunUntilComplete(Asyncio.Sleep(0.001));

        Assert.False(_loop.HasRing);
        Assert.Equal(0, plan.Count);
    }

    [Fact]
    public void Connections_have_one_for_all()
    {
        using var plan = new FaultPlan(Setup, error: 0, at: 0);

        _loop.RunUntilComplete(EchoAsync());
        Assert.True(_loop.HasRing);
        _loop.RunUntilComplete(EchoAsync());

        Assert.Equal(1, plan.Count);
        _loop.Close();
        Assert.False(_loop.HasRing);
    }

    [Fact]
    public void Files_have_one_too()
    {
        _loop.RunUntilComplete(ReadAsync());

        Assert.True(_loop.HasRing);
    }

    // The kernel ties it to the thread that has made it.
    [Fact]
    public void Made_on_one_thread_the_loop_runs_on_another()
    {
        _loop.RunUntilComplete(EchoAsync());
        Exception? failure = null;
        var other = new Thread(() => failure = Record.Exception(() => _loop.RunUntilComplete(EchoAsync())));
        other.Start();
        other.Join();

        Assert.Null(failure);
        Assert.True(_loop.HasRing);
    }

    [Fact]
    public void Where_another_thread_can_have_none_the_loop_does_without()
    {
        _loop.RunUntilComplete(EchoAsync());
        Exception? failure = null;
        var other = new Thread(() =>
        {
            using var plan = new FaultPlan(Setup, EMFILE, at: 1, length: 100);
            failure = Record.Exception(() => Assert.Equal("hello", _loop.RunUntilComplete(EchoAsync())));
        });
        other.Start();
        other.Join();

        Assert.Null(failure);
        Assert.False(_loop.HasRing);
        _loop.RunUntilComplete(ReadAsync()); // and on the first again
    }

    // A sandbox may hold for one thread and not for another.
    [Fact]
    public void Where_another_thread_may_not_use_it_the_loop_does_without()
    {
        var (server, client) = _loop.RunUntilComplete(ConnectAsync());
        Exception? failure = null;
        var hasStruck = false;
        var other = new Thread(() =>
        {
            using var plan = new FaultPlan("io_uring_enter", error: 1, at: 2, length: 100); // the first one tries out the new ring
            failure = Record.Exception(() => Assert.Equal("hello", _loop.RunUntilComplete(AskAsync(client))));
            hasStruck = plan.HasStruck;
        });
        other.Start();
        other.Join();

        Assert.Null(failure);
        Assert.True(hasStruck);
        Assert.False(_loop.HasRing);
        _loop.RunUntilComplete(EndAsync(server, client));
    }

    [Fact]
    public void A_loop_that_is_run_in_pieces_has_none()
    {
        var task = _loop.CreateTask(EchoAsync());
        while (!task.IsCompleted)
            _loop.RunOnce();

        Assert.Equal("hello", task.Result);
        Assert.False(_loop.HasRing);
    }

    [Theory]
    [InlineData(Setup, 38, 1, 100)] // ENOSYS
    [InlineData(Setup, 1, 1, 100)] // EPERM: a sandbox
    [InlineData(Setup, ENOMEM, 1, 100)]
    [InlineData(Setup, EMFILE, 1, 100)]
    [InlineData("mmap", ENOMEM, 1, 100)]
    [InlineData("io_uring_register", 1, 1, 100)] // a sandbox that allows to make it, and nothing more
    [InlineData("io_uring_register", 22, 2, 1)] // a kernel that takes no buffers
    [InlineData("io_uring_register", 1, 3, 1)] // a sandbox that tells one use from another
    [InlineData("io_uring_enter", 1, 1, 100)] // a sandbox that allows to prepare everything, and to do nothing
    public void Where_there_is_none_to_be_had_nobody_notices(string call, int error, int at, int length)
    {
        _loop.RunUntilComplete(ReadAsync()); // what is made once is made
        var before = Descriptors.Count();
        using (var loop = IoUring.NewLoop())
        using (var plan = new FaultPlan(call, error, at, length))
        {
            Assert.Equal("hello", loop.RunUntilComplete(EchoAsync()));
            var count = plan.Count;
            Assert.Equal("hello", loop.RunUntilComplete(EchoAsync()));
            loop.RunUntilComplete(ReadAsync());

            Assert.True(plan.HasStruck);
            if (error is not (ENOMEM or EMFILE))
                Assert.Equal(count, plan.Count); // it was tried once
            Assert.False(loop.HasRing);
        }
        Assert.Equal(before, Descriptors.Count());
    }

    [Theory]
    [InlineData(Setup, EMFILE)]
    [InlineData(Setup, 23)] // ENFILE
    [InlineData(Setup, ENOMEM)]
    [InlineData(Setup, 11)] // EAGAIN
    [InlineData("mmap", ENOMEM)]
    public void What_was_wanting_only_for_a_while_is_asked_for_again(string call, int error)
    {
        using (new FaultPlan(call, error, at: 1, length: 1))
            Assert.Equal("hello", _loop.RunUntilComplete(EchoAsync()));
        Assert.False(_loop.HasRing);

        for (var i = 0; i < 2; i++)
            Assert.Equal("hello", _loop.RunUntilComplete(EchoAsync()));

        Assert.True(_loop.HasRing);
    }

    [Fact]
    public void What_is_wanting_for_ever_is_asked_for_less_and_less_often()
    {
        const int Uses = 1000;
        using var plan = new FaultPlan(Setup, EMFILE, at: 1, length: 1_000_000);

        _loop.RunUntilComplete(UseAsync());

        Assert.InRange(plan.Count, 2, 12);
        Assert.False(_loop.HasRing);

        static async Coroutine UseAsync()
        {
            for (var i = 0; i < Uses; i++)
                await ReadAsync();
        }
    }

    [Theory]
    [InlineData(EMFILE)]
    [InlineData(38)] // ENOSYS
    public void The_next_loop_asks_by_itself(int error)
    {
        using (new FaultPlan(Setup, error, at: 1, length: 100))
            _loop.RunUntilComplete(ReadAsync());
        using var next = IoUring.NewLoop();

        next.RunUntilComplete(ReadAsync());

        Assert.False(_loop.HasRing);
        Assert.True(next.HasRing);
    }

    private static async Coroutine<string> EchoAsync()
    {
        await using var server = await Asyncio.StartServerAsync(static async (reader, writer) =>
        {
            await using (writer)
                writer.Write(await reader.ReadAsync());
        }, "127.0.0.1", 0);
        var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
        await using (writer)
        {
            writer.Write("hello"u8);
            writer.WriteEof();
            return Encoding.UTF8.GetString(await reader.ReadAsync());
        }
    }

    private static async Coroutine<(Server Server, (AsyncStreamReader Reader, AsyncStreamWriter Writer) Client)> ConnectAsync()
    {
        var server = await Asyncio.StartServerAsync(static async (reader, writer) =>
        {
            await using (writer)
            {
                for (byte[] bytes; (bytes = await reader.ReadAsync(5)).Length > 0;)
                    writer.Write(bytes);
            }
        }, "127.0.0.1", 0);
        return (server, await Asyncio.OpenConnectionAsync("127.0.0.1", ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port));
    }

    private static Coroutine<string> AskAsync((AsyncStreamReader Reader, AsyncStreamWriter Writer) client)
    {
        return Asyncio.WaitFor(AskAsync(), seconds: 10);

        async Coroutine<string> AskAsync()
        {
            client.Writer.Write("hello"u8);
            return Encoding.UTF8.GetString(await client.Reader.ReadExactlyAsync(5));
        }
    }

    private static async Coroutine EndAsync(Server server, (AsyncStreamReader Reader, AsyncStreamWriter Writer) client)
    {
        await client.Writer.DisposeAsync();
        await server.DisposeAsync();
    }

    private static async Coroutine ReadAsync()
    {
        await using var file = await AsyncFile.OpenAsync(typeof(LateRingTests).Assembly.Location);
        Assert.NotEqual(0, await file.ReadAsync(new byte[100_000])); // more than is read at once from the system's cache
    }
}
