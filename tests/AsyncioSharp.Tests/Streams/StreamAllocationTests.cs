using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>Reading and writing must not allocate once it runs steadily: less than one byte an operation.</summary>
public abstract class StreamAllocationTests(EventLoop loop) : OnNetwork(loop)
{
    private const int Count = 5000;

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    public void Streams(int size) => Run(async () =>
    {
        await using var server = await ServeAsync(async (reader, writer) =>
        {
            var buffer = new byte[64 * 1024];
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                writer.Write(buffer.AsSpan(0, count));
                await writer.DrainAsync();
            }
            await writer.DisposeAsync();
        });
        var (reader, writer) = await ConnectAsync(server);
        var message = new byte[size];
        var answer = new byte[size];
        await Allocations.AssertNoneAsync(Count, async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                writer.Write(message);
                await writer.DrainAsync();
                await reader.ReadExactlyAsync(answer.AsMemory());
            }
        });
        await writer.DisposeAsync();
    });

    [Fact]
    public void Protocols() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new PingPong(null));
        var done = new Signal();
        var (transport, protocol) = await ConnectAsync(server, () => new PingPong(done));
        await Allocations.AssertNoneAsync(Count, async () =>
        {
            protocol.Serve(Count);
            await done.WaitAsync();
        });
        transport.Close();
    });

    private sealed class PingPong(Signal? done) : Protocol
    {
        private Transport? _transport;
        private int _left;

        public void Serve(int count)
        {
            _left = count;
            _transport!.Write("ball"u8);
        }

        public override void ConnectionMade(Transport transport) => _transport = transport;

        public override void DataReceived(ReadOnlySpan<byte> data)
        {
            if (done is null || --_left > 0)
                _transport!.Write(data);
            else
                done.Set();
        }
    }

    private sealed class Signal : Suspension
    {
        private AsyncioTask? _task;

        public Coroutine WaitAsync() => ParkAsync();

        public void Set() => Reschedule(_task!);

        protected override void OnParked(AsyncioTask task, long argument) => _task = task;

        protected override void OnCanceled(AsyncioTask task) => _task = null;
    }
}

[Collection(nameof(Alone))]
public sealed class EpollStreamAllocationTests() : StreamAllocationTests(new EpollEventLoop());

[Collection(nameof(Alone))]
public sealed class IoUringStreamAllocationTests() : StreamAllocationTests(IoUring.NewLoop());

[Collection(nameof(Alone))]
public sealed class PortableStreamAllocationTests() : StreamAllocationTests(new PortableEventLoop());
