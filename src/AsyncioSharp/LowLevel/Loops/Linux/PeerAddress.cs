using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>A socket address as the kernel writes it; most connections are never asked for more.</summary>
[InlineArray(Length)]
internal struct PeerAddress
{
    private const int Length = 28; // of sockaddr_in6, the longest that is asked for
    private const ushort FamilyInternet = 2;
    private const ushort FamilyInternet6 = 10;

    private byte _first;

    /// <summary>The address in .NET's form; null if it is of another family.</summary>
    public readonly IPEndPoint? ToEndPoint()
    {
        ReadOnlySpan<byte> bytes = this;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return MemoryMarshal.Read<ushort>(bytes) switch
        {
            FamilyInternet => new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port),
            FamilyInternet6 => new IPEndPoint(new IPAddress(bytes.Slice(8, 16), MemoryMarshal.Read<uint>(bytes[24..])), port),
            _ => null,
        };
    }
}
