using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Datagrams;

namespace AsyncioSharp.Tests.Faults;

/// <summary>
/// An endpoint that answers and one that asks. Over Unix sockets more is asked than the system takes at once. What is missing
/// in the end was told, one by one.
/// </summary>
internal sealed class DatagramRun(bool unix) : FaultRun
{
    private const int Count = 40;

    private readonly DatagramRecorder _server = new() { Answer = "" };
    private readonly DatagramRecorder _client = new();

    public override bool IsWhole => _client.Received.Count == Count;

    public override bool IsTold => base.IsTold || SendErrors > 0 || _client.IsLost || _server.IsLost;

    private int SendErrors => Sending(_client) + Sending(_server);

    protected override async Coroutine MainAsync()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            EndPoint Local(string name) => unix
                ? new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, name))
                : new IPEndPoint(IPAddress.Loopback, 0);
            var loop = EventLoop.Running;
            var (server, _) = await loop.CreateDatagramEndpointAsync(() => _server, Local("server"));
            var (client, _) = await loop.CreateDatagramEndpointAsync(() => _client, Local("client"), server.LocalEndPoint);
            for (var i = 0; i < Count; i++)
            {
                client.SendTo(System.Text.Encoding.ASCII.GetBytes(i.ToString("D3", CultureInfo.InvariantCulture)));
                if (i == 0) // one alone, as several are received and answered by other calls
                    await ComeAsync(1);
            }
            await ComeAsync(Count);
            client.Close();
            server.Close();
            await UntilOnLoop(() => _client.IsLost && _server.IsLost);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Coroutine ComeAsync(int count) => UntilOnLoop(() => _client.Received.Count + SendErrors >= count || _client.IsLost || _server.IsLost);

    protected override void Check()
    {
        Assert.Equal(_client.Received.Order().Distinct(), _client.Received);
        if (Failure is null && _client.Reason is null && _server.Reason is null)
            Assert.Equal(Count, _client.Received.Count + SendErrors);
        foreach (var events in new[] { _client.Events, _server.Events })
            Assert.Matches("^(|made( error)*( lost)?)$", events);
    }

    private static int Sending(DatagramRecorder recorder) =>
        recorder.Errors.Count(static error => error.Message.StartsWith("Sending", StringComparison.Ordinal));
}
