using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace AsyncioSharp.AspNetCore;

internal sealed partial class AsyncioConnection : IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature,
    IConnectionEndPointFeature, IConnectionSocketFeature, IMemoryPoolFeature, IAsyncioConnectionFeature
{
    private const int FeatureCount = 8;

    Socket IConnectionSocketFeature.Socket => _transport.Socket ?? throw new ObjectDisposedException(nameof(Socket), "The connection has ended.");

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => _pool;

    async ValueTask IAsyncioConnectionFeature.SwitchToLoopAsync()
    {
        if (!Loop.IsOnThread)
            await new Switch(this);
    }

    private FeatureCollection MakeFeatures()
    {
        var features = new FeatureCollection(FeatureCount);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IConnectionSocketFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<IAsyncioConnectionFeature>(this);
        return features;
    }

    // Awaiting it goes on on the loop.
    private readonly struct Switch(AsyncioConnection connection) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Switch GetAwaiter() => this;

        public void GetResult() { }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            var target = connection;
            if (!target.TryPost(() => target.Run(static run => ((Action)run!)(), continuation)))
                ThreadPool.UnsafeQueueUserWorkItem(static run => run(), continuation, preferLocal: true); // the loop is closed
        }
    }
}
