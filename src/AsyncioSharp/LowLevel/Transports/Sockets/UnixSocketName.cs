using System.Net;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A path or an abstract name to bind a socket to. .NET removes the file of a <see cref="UnixDomainSocketEndPoint"/> when
/// the socket is closed, whoever's it is by then; one of this kind it leaves alone.
/// </summary>
internal sealed class UnixSocketName(string path) : EndPoint
{
    private readonly UnixDomainSocketEndPoint _endPoint = new(path);

    public override AddressFamily AddressFamily => AddressFamily.Unix;

    public override SocketAddress Serialize() => _endPoint.Serialize();

    public override EndPoint Create(SocketAddress socketAddress) => _endPoint.Create(socketAddress);

    public override string ToString() => _endPoint.ToString();
}
