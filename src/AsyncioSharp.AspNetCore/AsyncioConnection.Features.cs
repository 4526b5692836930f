using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace AsyncioSharp.AspNetCore;

internal sealed partial class AsyncioConnection
    : IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature,
    IConnectionEndPointFeature, IConnectionSocketFeature, IMemoryPoolFeature, IAsyncioConnectionFeature
{
    private const int FeatureCount = 8;

    Socket IConnectionSocketFeature.Socket => _transport?.Socket ?? throw new ObjectDisposedException(nameof(Socket), "The connection has ended.");

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => _pool;

    LoopSwitch IAsyncioConnectionFeature.SwitchToLoop() => new(this);

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
}
