using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Microsoft.AspNetCore.Connections;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>What requests and connections cost.</summary>
[Collection(nameof(MemoryTests)), CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    [Fact]
    public async Task A_read_and_a_flush_allocate_nothing()
    {
        const int Count = 2000;
        var allocated = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await ServeAsync(async connection =>
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            var before = 0L;
            for (var i = 0; i < 2 * Count; i++)
            {
                input.AdvanceTo((await input.ReadAsync()).Buffer.End);
                if (i == Count)
                    before = GC.GetAllocatedBytesForCurrentThread();
                output.GetSpan(10)[0] = (byte)'x';
                output.Advance(1);
                await output.FlushAsync();
            }
            allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - before);
        });
        using var peer = Peer.Connect(site.Port);

        for (var i = 0; i < 2 * Count; i++)
        {
            peer.Send("x"u8);
            peer.Read(1);
        }

        Assert.InRange(await allocated.Task / Count, 0, 8);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pooled_memory_comes_back_when_connections_end(bool resets)
    {
        const int Count = 100;
        await using var site = await ServeAsync(async connection =>
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            try
            {
                var buffer = (await input.ReadAsync()).Buffer;
                input.AdvanceTo(buffer.Start, buffer.End);
                await output.WriteAsync(new byte[1000]);
                await input.ReadAsync(); // the end
                output.GetSpan(5000);
                output.Advance(5000);
            }
            catch (ConnectionResetException)
            {
                output.GetSpan(5000);
                output.Advance(5000);
            }
        });
        await ConnectAsync(); // what is made once
        using var rented = new RentedArrays();

        for (var i = 0; i < Count; i++)
            await ConnectAsync();

        await Until(() => rented.Count < Count / 4);

        async Task ConnectAsync()
        {
            var peer = Peer.Connect(site.Port);
            peer.Send("some");
            peer.Read(1000);
            if (resets)
                peer.Reset();
            else
                peer.Dispose();
            await Task.Yield();
        }
    }

    private static Task<Site> ServeAsync(Func<ConnectionContext, Task> serve) => Site.StartAsync(app => { }, listen: PipeTests.Serving(serve));

    /// <summary>The arrays of .NET's shared pool that are rented.</summary>
    private sealed class RentedArrays : EventListener
    {
        private readonly ConcurrentDictionary<int, int> _rented = new();

        public int Count => _rented.Count;

        protected override void OnEventSourceCreated(EventSource source)
        {
            if (source.Name == "System.Buffers.ArrayPoolEventSource")
                EnableEvents(source, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs written)
        {
            if (_rented is null)
                return; // not made yet
            var (id, size) = ((int)written.Payload![0]!, (int)written.Payload[1]!);
            if (written.EventName == "BufferRented" && size >= 4096)
                _rented[id] = size;
            else if (written.EventName is "BufferReturned" or "BufferTrimmed")
                _rented.TryRemove(id, out _);
        }
    }
}
