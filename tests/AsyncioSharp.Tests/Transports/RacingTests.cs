using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>Connecting to a host that has several addresses: their order, the race between them, and what is told when all
/// of them fail. Delays are real, as the network is. Alone, as some of them count what
/// the process holds open.</summary>
public abstract partial class RacingTests(EventLoop loop) : OnNetwork(loop)
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void An_address_that_does_not_answer_is_overtaken_by_the_next() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var port = Port(server);
        using var silent = Silent.On(IPAddress.Parse("127.0.0.2"), port);
        Resolve("127.0.0.2", "127.0.0.1");
        var before = await CountDescriptorsAsync(server);

        var (transport, _) = await Loop.CreateConnectionAsync(
            () => new Recorder(), "host", port, new ConnectionOptions { HappyEyeballsDelay = s_short });

        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)transport.RemoteEndPoint!).Address);
        transport.Abort();
        await Until(() => server.ClientCount == 0);
        await Until(() => Descriptors.Count() <= before); // also those of the slower attempt
    });

    [Fact]
    public void Without_a_race_the_next_waits_for_ever() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var port = Port(server);
        using var silent = Silent.On(IPAddress.Parse("127.0.0.2"), port);
        Resolve("127.0.0.2", "127.0.0.1");

        await Expect.ThrowsAsync<TimeoutException>(async () =>
            await Asyncio.WaitFor(Asyncio.OpenConnectionAsync("host", port), 0.1));
    });

    [Fact]
    public void An_address_that_refuses_does_not_use_up_its_time() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        Resolve("127.0.0.3", "127.0.0.2", "127.0.0.1");

        var (transport, _) = await Loop.CreateConnectionAsync(
            () => new Recorder(), "host", Port(server), new ConnectionOptions { HappyEyeballsDelay = TimeSpan.FromDays(1) });

        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)transport.RemoteEndPoint!).Address);
        transport.Abort();
    });

    [Fact]
    public void A_race_can_be_cancelled_at_any_moment() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var port = Port(server);
        using var silent = Silent.On(IPAddress.Parse("127.0.0.2"), port);
        Resolve("127.0.0.2", "127.0.0.1");
        var before = await CountDescriptorsAsync(server);
        for (var turns = 0; turns < 14; turns++)
        {
            var made = new Recorder();
            var attempt = Loop.CreateTask(
                Loop.CreateConnectionAsync(() => made, "host", port, new ConnectionOptions { HappyEyeballsDelay = TimeSpan.Zero }));
            await Expect.Turns(turns);
            attempt.Cancel();
            try
            {
                var (transport, _) = await attempt;
                transport.Abort();
            }
            catch (CanceledException)
            {
                // where it was cut off, nothing remains
            }
            await Until(() => server.ClientCount == 0 && (made.Transport is null || made.IsLost));
        }
        await Until(() => Descriptors.Count() <= before); // the server may still have to accept, and to see the end
    });

    [Theory]
    [InlineData(null, null, "a b c 1 2 3")]
    [InlineData(null, 0, "a b c 1 2 3")]
    [InlineData(0, null, "a 1 b 2 c 3")]
    [InlineData(0, 1, "a 1 b 2 c 3")]
    [InlineData(0, 0, "a b c 1 2 3")]
    [InlineData(null, 2, "a b 1 c 2 3")]
    [InlineData(null, 9, "a b c 1 2 3")]
    public void Families_take_turns(int? delay, int? interleave, string order) => Run(async () =>
    {
        Resolve("::a", "::b", "::c", "127.0.0.1", "127.0.0.2", "127.0.0.3");
        var options = new ConnectionOptions
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0), // nothing is sent to addresses of the other family
            HappyEyeballsDelay = delay is null ? null : TimeSpan.FromDays(1),
            Interleave = interleave,
            AllErrors = true,
        };

        using var closed = Ports.Closed(out var port);
        var failure = await Expect.ThrowsAsync<AggregateException>(Asyncio.OpenConnectionAsync("host", port, options));

        Assert.Equal(order, string.Join(" ", failure.InnerExceptions.Select(static e => Tried().Match(e.Message).Groups["last"].Value)));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_connection_multiple_errors_local_addr")]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_connection_local_addr_nomatch_family")]
    public void When_every_address_fails_all_failures_can_be_had(bool race) => Run(async () =>
    {
        using var closed = Ports.Closed(out var port);
        Resolve("127.0.0.1", "::1");
        var options = new ConnectionOptions
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            HappyEyeballsDelay = race ? TimeSpan.FromDays(1) : null,
        };

        var told = await Expect.ThrowsAsync<SocketException>(Asyncio.OpenConnectionAsync("host", port, options));
        var all = await Expect.ThrowsAsync<AggregateException>(Asyncio.OpenConnectionAsync("host", port, options with { AllErrors = true }));

        Assert.Equal(SocketError.ConnectionRefused, told.SocketErrorCode);
        Assert.StartsWith("No address of the host can be connected to. Connecting to 127.0.0.1:", told.Message);
        Assert.EndsWith($"[::1]:{port} cannot be connected to from 127.0.0.1:0, which is of another family.", told.Message);
        Assert.Equal([SocketError.ConnectionRefused, SocketError.AddressNotAvailable],
            all.InnerExceptions.Select(static e => Assert.IsType<SocketException>(e).SocketErrorCode));
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_connection_local_addr_skip_different_family")]
    public void Addresses_of_another_family_than_that_on_this_side_are_passed_over() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        Resolve("::1", "127.0.0.1");
        var options = new ConnectionOptions { LocalEndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0) };

        var (transport, _) = await Loop.CreateConnectionAsync(() => new Recorder(), "host", Port(server), options);

        Assert.Equal(options.LocalEndPoint.Address, ((IPEndPoint)transport.LocalEndPoint!).Address);
        transport.Abort();
    });

    [Fact]
    [CPythonTest("test_events.py", "EventLoopTestsMixin", "test_create_connection_local_addr_in_use")]
    public void An_address_on_this_side_that_is_in_use_is_named() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var local = (IPEndPoint)server.Sockets[0].LocalEndPoint!;

        var failure = await Expect.ThrowsAsync<SocketException>(
            Asyncio.OpenConnectionAsync("127.0.0.1", local.Port, new ConnectionOptions { LocalEndPoint = local }));

        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
        Assert.StartsWith($"The connection cannot be made from {local}: ", failure.Message);
    });

    [Fact]
    [CPythonTest("test_base_events.py", "BaseEventLoopWithSelectorTests", "test_create_server_no_getaddrinfo")]
    public void Names_can_be_looked_up_by_the_program() => Run(async () =>
    {
        List<(string, AddressFamily)> asked = [];
        Loop.AddressResolver = async (name, family) =>
        {
            asked.Add((name, family));
            await Asyncio.Yield();
            return name == "host" ? [IPAddress.Loopback] : [];
        };

        await using var server = await Asyncio.StartServerAsync((_, _) => Coroutine.Completed, "host", 0);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Address);
        Assert.Equal([new IPEndPoint(IPAddress.Parse("127.0.0.5"), 1)], await Loop.GetAddressInfoAsync("127.0.0.5", 1)); // not a name
        foreach (var unknown in new Func<IAwaitable>[]
            {
                () => Asyncio.OpenConnectionAsync("nowhere", 1),
                () => Asyncio.StartServerAsync((_, _) => Coroutine.Completed, "nowhere", 0),
            })
        {
            var failure = await Expect.ThrowsAsync<SocketException>(unknown());
            Assert.Equal(SocketError.HostNotFound, failure.SocketErrorCode);
            Assert.Equal("nowhere has no address.", failure.Message);
        }
        Assert.Equal([("host", AddressFamily.Unspecified), ("nowhere", AddressFamily.Unspecified), ("nowhere", AddressFamily.Unspecified)], asked);
    });

    [GeneratedRegex(@"(\[::|127\.0\.0\.)(?<last>\w)")]
    private static partial Regex Tried();

    // Counted after a first connection, with which .NET itself opens something.
    private async Coroutine<int> CountDescriptorsAsync(Server server)
    {
        var (transport, _) = await ConnectAsync(server, () => new Recorder());
        transport.Abort();
        await Until(() => server.ClientCount == 0);
        await Expect.Turns(3);
        return Descriptors.Count();
    }

    private void Resolve(params string[] addresses) =>
        Loop.AddressResolver = (_, _) => Coroutine.FromResult(Array.ConvertAll(addresses, IPAddress.Parse));
}

[Collection(nameof(Alone))]
public sealed class EpollRacingTests() : RacingTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringRacingTests() : RacingTests(IoUring.NewLoop());

[Collection(nameof(Alone))]
public sealed class PortableRacingTests() : RacingTests(new PortableEventLoop());
