using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>Socket addresses between .NET's form and Linux's.</summary>
internal static class AddressBytes
{
    /// <summary>The longest there is: <c>struct sockaddr_storage</c>.</summary>
    public const int MaxLength = 128;

    private const ushort FamilyInternet = 2;
    private const ushort FamilyInternet6 = 10;
    private const int InternetLength = 16;
    private const int Internet6Length = 28;

    private static readonly UnixDomainSocketEndPoint s_unix = new("/");

    /// <summary>Writes an address, without allocating for those of the Internet.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="family">The socket's family: one of version 6 takes addresses of version 4 in its own form.</param>
    /// <param name="bytes">Where to.</param>
    /// <returns>Its length.</returns>
    public static int Write(EndPoint endPoint, AddressFamily family, Span<byte> bytes)
    {
        if (endPoint is not IPEndPoint internet)
        {
            var address = endPoint.Serialize();
            address.Buffer.Span[..address.Size].CopyTo(bytes);
            return address.Size;
        }
        var isVersion4 = internet.AddressFamily == AddressFamily.InterNetwork;
        var isVersion6 = !isVersion4 || family == AddressFamily.InterNetworkV6;
        var length = isVersion6 ? Internet6Length : InternetLength;
        bytes[..length].Clear();
        MemoryMarshal.Write(bytes, isVersion6 ? FamilyInternet6 : FamilyInternet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)internet.Port);
        if (!isVersion6)
        {
            internet.Address.TryWriteBytes(bytes[4..], out _);
        }
        else if (isVersion4)
        {
            bytes[18..20].Fill(0xff);
            internet.Address.TryWriteBytes(bytes[20..], out _);
        }
        else
        {
            internet.Address.TryWriteBytes(bytes[8..], out _);
            MemoryMarshal.Write(bytes[24..], (uint)internet.Address.ScopeId);
        }
        return length;
    }

    /// <summary>Reads an address.</summary>
    /// <exception cref="NotSupportedException">It is of a family that this library does not know.</exception>
    public static EndPoint Read(ReadOnlySpan<byte> bytes) => Family(bytes) switch
    {
        AddressFamily.InterNetwork => new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), Port(bytes)),
        AddressFamily.InterNetworkV6 => new IPEndPoint(new IPAddress(bytes.Slice(8, 16), MemoryMarshal.Read<uint>(bytes[24..])), Port(bytes)),
        AddressFamily.Unix => ReadUnix(bytes),
        var family => throw new NotSupportedException($"Addresses of the family {family} are not supported."),
    };

    /// <summary>Whether this is the address of an end point, which was read from the like.</summary>
    [SkipLocalsInit] // of the other, only what is written is read
    public static bool IsOf(ReadOnlySpan<byte> bytes, EndPoint endPoint)
    {
        Span<byte> other = stackalloc byte[MaxLength];
        return endPoint is IPEndPoint internet && Write(internet, internet.AddressFamily, other) is var length && length == bytes.Length
            && bytes[2..4].SequenceEqual(other[2..4]) && bytes[4..].SequenceEqual(other[4..length]);
    }

    private static AddressFamily Family(ReadOnlySpan<byte> bytes) => bytes.Length < sizeof(ushort) ? AddressFamily.Unix // unnamed
        : MemoryMarshal.Read<ushort>(bytes) switch
        {
            1 => AddressFamily.Unix,
            FamilyInternet => AddressFamily.InterNetwork,
            FamilyInternet6 => AddressFamily.InterNetworkV6,
            var other => (AddressFamily)other,
        };

    private static int Port(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);

    private static EndPoint ReadUnix(ReadOnlySpan<byte> bytes)
    {
        var address = new SocketAddress(AddressFamily.Unix, Math.Max(bytes.Length, sizeof(ushort)));
        if (bytes.Length > sizeof(ushort))
            bytes[sizeof(ushort)..].CopyTo(address.Buffer.Span[sizeof(ushort)..]);
        return s_unix.Create(address);
    }
}
