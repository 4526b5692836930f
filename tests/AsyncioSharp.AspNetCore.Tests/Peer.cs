using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>A client that says byte by byte what a test wants.</summary>
internal sealed class Peer : IDisposable
{
    private const int Patience = 30_000;

    private readonly Socket _socket;
    private readonly Stream _stream;

    private Peer(Socket socket, bool tls)
    {
        _socket = socket;
        socket.ReceiveTimeout = Patience;
        _stream = new NetworkStream(socket);
        if (!tls)
            return;
        var layered = new SslStream(_stream);
        layered.AuthenticateAsClient(Certificates.Client);
        _stream = layered;
    }

    public static Peer Connect(int port, bool tls = false) => Connect(new IPEndPoint(IPAddress.Loopback, port), tls);

    public static Peer Connect(EndPoint endPoint, bool tls = false)
    {
        var unix = endPoint.AddressFamily == AddressFamily.Unix;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        socket.Connect(endPoint);
        return new Peer(socket, tls);
    }

    public void Send(string text) => _stream.Write(Encoding.ASCII.GetBytes(text));

    public void Send(ReadOnlySpan<byte> data) => _stream.Write(data);

    /// <summary>Sends no more.</summary>
    /// <param name="says">Whether TLS is told first.</param>
    public void EndSending(bool says = true)
    {
        if (says && _stream is SslStream layered)
            layered.ShutdownAsync().Wait();
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Reads until a text has come, and gives all.</summary>
    public string ReadUntil(string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (_stream.Read(buffer) == 0)
                throw new EndOfStreamException($"The connection ended after: {text}");
            text.Append((char)buffer[0]);
        }
        return text.ToString();
    }

    /// <summary>Reads what has come when something has.</summary>
    public string ReadSome()
    {
        var buffer = new byte[65536];
        return Encoding.ASCII.GetString(buffer, 0, _socket.Receive(buffer));
    }

    public byte[] Read(int count)
    {
        var bytes = new byte[count];
        _stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Reads to the end of the connection, however it ends.</summary>
    public int ReadToEnd() => ReadToEnd(out _);

    /// <summary>Reads to the end of the connection.</summary>
    /// <param name="isReset">Whether it was reset.</param>
    public int ReadToEnd(out bool isReset)
    {
        var (count, buffer) = (0, new byte[65536]);
        isReset = false;
        try
        {
            while (_stream.Read(buffer) is > 0 and var more)
                count += more;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            isReset = true;
        }
        return count;
    }

    /// <summary>Closes so that the server sees a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
