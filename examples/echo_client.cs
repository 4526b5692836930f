#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Many clients of echo_server.cs at a time, with streams on its first port and a protocol on the next.
//
//   dotnet run examples/echo_client.cs -- 8007

using System.Diagnostics;
using System.Text;
using AsyncioSharp;
using AsyncioSharp.LowLevel;

const int Clients = 100, Messages = 100;

var port = int.Parse(args.ElementAtOrDefault(0) ?? "8007");
var protocolPort = args is [_, var second] ? int.Parse(second) : port + 1;
Asyncio.Run(async () =>
{
    await MeasureAsync("streams", () => TalkAsync(port));
    await MeasureAsync("protocols", () => TalkByProtocolAsync(protocolPort));
});

static async Coroutine MeasureAsync(string name, Func<Coroutine> client)
{
    var clock = Stopwatch.StartNew();
    await TaskGroup.RunAsync(async group =>
    {
        for (var i = 0; i < Clients; i++)
            group.StartSoon(client());
    });
    Console.WriteLine($"{name}: {Clients} clients had {Messages} answers each, in {clock.Elapsed.TotalSeconds:F2} s");
}

static async Coroutine TalkAsync(int port)
{
    var (reader, writer) = await Asyncio.OpenConnectionAsync("127.0.0.1", port);
    await using (writer)
    {
        for (var i = 0; i < Messages; i++)
        {
            var message = Encoding.UTF8.GetBytes($"message {i}\n");
            writer.Write(message);
            var answer = await reader.ReadLineAsync();
            if (!answer.AsSpan().SequenceEqual(message))
                throw new InvalidDataException($"The answer to message {i} was another: {Encoding.UTF8.GetString(answer)}");
        }
    }
}

static async Coroutine TalkByProtocolAsync(int port)
{
    var (transport, protocol) = await EventLoop.Running.CreateConnectionAsync(() => new Talk(Messages), "127.0.0.1", port);
    await protocol.Finished;
    transport.Close();
}

sealed class Talk(int messages) : Protocol
{
    private readonly Future<int> _finished = EventLoop.Running.CreateFuture<int>();
    private Transport _transport = null!;
    private int _received;
    private int _answers;

    /// <summary>Completes with the last answer.</summary>
    public Future<int> Finished => _finished;

    public override void ConnectionMade(Transport transport)
    {
        _transport = transport;
        _transport.Write("message\n"u8);
    }

    public override void DataReceived(ReadOnlySpan<byte> data)
    {
        // Data is cut anywhere: only all of a message is an answer.
        _received += data.Length;
        if (_received < (_answers + 1) * "message\n"u8.Length)
            return;
        if (++_answers < messages)
            _transport.Write("message\n"u8);
        else
            _finished.SetResult(_answers);
    }

    public override void ConnectionLost(Exception? exception) =>
        _finished.TrySetException(exception ?? new EndOfStreamException("The server closed the connection."));
}
