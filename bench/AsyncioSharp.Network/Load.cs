using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace AsyncioSharp.Network;

/// <summary>
/// Loads a server from blocking threads for some seconds after a warm-up, and prints how much was done: as often as the
/// server answered, or how many bytes came.
/// </summary>
internal static class Load
{
    private const double WarmUp = 3; // until .NET's last JIT tier
    private static long s_done;

    public static void Run(string kind, int port, double seconds)
    {
        if (kind == "whole")
        {
            Console.WriteLine("begin");
            var began = Stopwatch.GetTimestamp();
            ReceiveFile(port, new byte[1024 * 1024]);
            Console.WriteLine((s_done / Stopwatch.GetElapsedTime(began).TotalSeconds).ToString(CultureInfo.InvariantCulture));
            return;
        }
        Action<int> body = kind switch
        {
            "tls" => Tls,
            "udp" => Datagrams,
            "accept" => Connections,
            "file" => Files,
            _ => throw new ArgumentException($"There is no {kind}.", nameof(kind)),
        };
        for (var i = 0; i < (kind == "file" ? 1 : 8); i++)
            new Thread(() => body(port)) { IsBackground = true }.Start();
        Thread.Sleep(TimeSpan.FromSeconds(WarmUp));
        Console.WriteLine("begin"); // the server's processor time is read at both lines
        var before = Interlocked.Read(ref s_done);
        var start = Stopwatch.GetTimestamp();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        var rate = (Interlocked.Read(ref s_done) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(rate.ToString(CultureInfo.InvariantCulture));
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static void Tls(int port)
    {
        using var stream = new SslStream(new NetworkStream(Connect(port), ownsSocket: true));
        stream.AuthenticateAsClient(
            new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true });
        var buffer = new byte[1024];
        for (; ; )
        {
            stream.Write(buffer);
            stream.ReadExactly(buffer);
            Interlocked.Increment(ref s_done);
        }
    }

    // A window of 16: enough to keep the server busy, too few to be dropped.
    private static void Datagrams(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 100 };
        socket.Connect(IPAddress.Loopback, port);
        var buffer = new byte[64];
        for (; ; )
        {
            try
            {
                for (var i = 0; i < 16; i++)
                    socket.Send(buffer);
                for (var i = 0; i < 16; i++)
                {
                    socket.Receive(buffer);
                    Interlocked.Increment(ref s_done);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.ConnectionRefused)
            {
                // one was lost, or the server is not there yet
            }
        }
    }

    private static void Connections(int port)
    {
        var buffer = new byte[1];
        for (; ; )
        {
            using var socket = Connect(port);
            socket.LingerState = new LingerOption(true, 0); // leaves no port in TIME_WAIT
            socket.Send(buffer);
            socket.Receive(buffer);
            Interlocked.Increment(ref s_done);
        }
    }

    private static void Files(int port)
    {
        var buffer = new byte[1024 * 1024];
        for (; ; )
            ReceiveFile(port, buffer);
    }

    private static void ReceiveFile(int port, byte[] buffer)
    {
        using var socket = Connect(port);
        int count;
        while ((count = socket.Receive(buffer)) > 0)
            Interlocked.Add(ref s_done, count);
    }
}
