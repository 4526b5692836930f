using System.Net;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The end points of the peers that were heard of last, so that a stream of datagrams from the same ones makes no objects.
/// </summary>
internal sealed class EndPointCache
{
    private const int Size = 1024; // a power of two

    private readonly IPEndPoint?[] _known = new IPEndPoint?[Size];

    /// <summary>The end point of an address.</summary>
    public EndPoint Get(ReadOnlySpan<byte> address)
    {
        var hash = new HashCode();
        hash.AddBytes(address);
        ref var known = ref _known[hash.ToHashCode() & (Size - 1)];
        // Compared with what it is now: end points can be changed by whoever has them.
        if (known is not null && AddressBytes.IsOf(address, known))
            return known;
        var endPoint = AddressBytes.Read(address);
        if (endPoint is IPEndPoint internet)
            known = internet;
        return endPoint;
    }
}
