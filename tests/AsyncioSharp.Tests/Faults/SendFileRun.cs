using System.Net;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Faults;

/// <summary>A file that is sent between other data, on a transport.</summary>
internal sealed class SendFileRun : FaultRun
{
    private const int Length = 3_000_000;
    private static readonly byte[] s_data = RandomBytes(Length);

    private readonly Recorder _server = new();
    private readonly Recorder _client = new();

    public override bool IsWhole => _server.DataCount == Length;

    protected override async Coroutine MainAsync()
    {
        var loop = EventLoop.Running;
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, s_data[1000..^1000]);
            using var file = File.OpenRead(path);
            await using var server = await loop.CreateServerAsync(() => _server, "127.0.0.1", 0);
            var (transport, _) = await loop.CreateConnectionAsync(() => _client, "127.0.0.1", ((IPEndPoint)server.Sockets[0].LocalEndPoint!).Port);
            transport.Socket!.SendBufferSize = 64 * 1024;
            transport.Write(s_data.AsSpan(0, 1000));
            await loop.SendFileAsync(transport, file);
            transport.Write(s_data.AsSpan(Length - 1000));
            transport.Close();
            await UntilOnLoop(() => _client.IsLost && _server.IsLost);
        }
        finally
        {
            File.Delete(path);
        }
    }

    protected override void Check()
    {
        Assert.True(s_data.AsSpan().StartsWith(_server.Data), "Something was lost, came twice or in another order.");
        Assert.Matches("^(|made( data)?( eof)?( lost)?)$", _server.Events);
    }
}
