#:project ../src/AsyncioSharp.Http/AsyncioSharp.Http.csproj

// A chat over WebSockets: server and clients.
//
//   dotnet run examples/websocket_chat.cs                                   a server and three guests in one program
//   dotnet run examples/websocket_chat.cs -- serve 8020                     a server; a browser can talk to it, too
//   dotnet run examples/websocket_chat.cs -- join ws://127.0.0.1:8020/ ada  a guest who says what is typed

using System.Net.WebSockets;
using System.Text;
using AsyncioSharp;
using AsyncioSharp.Http;
using AsyncioSharp.LowLevel;
using Microsoft.Win32.SafeHandles;

try
{
    return Asyncio.Run(args switch
    {
        [] => PartyAsync(),
        ["serve", var port] when int.TryParse(port, out var number) => ServeAsync(number),
        ["join", var address, var name] when Uri.TryCreate(address, UriKind.Absolute, out var uri) => JoinAsync(uri, name),
        _ => HelpAsync(),
    });
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
    return 0;
}
catch (WebSocketException e)
{
    Console.Error.WriteLine($"websocket_chat: {e.Message}");
    return 1;
}

static async Coroutine<int> HelpAsync()
{
    Console.Error.WriteLine("usage: websocket_chat [serve PORT | join ADDRESS NAME]");
    return 2;
}

static async Coroutine<int> ServeAsync(int port)
{
    var chat = new Chat();
    await using var server = await AsyncioWebSocket.StartServerAsync(chat.WelcomeAsync, "127.0.0.1", port);
    Console.WriteLine($"chatting at ws://{server.Sockets[0].LocalEndPoint}/NAME");
    try
    {
        await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
    }
    finally
    {
        await chat.EndAsync();
    }
    return 0;
}

static async Coroutine<int> JoinAsync(Uri address, string name)
{
    await using var socket = await AsyncioWebSocket.ConnectAsync(new Uri(address, name));
    await TaskGroup.RunAsync(async group =>
    {
        // Whoever ends first ends the other: the guest who has no more to say, or the server.
        group.StartSoon(ListenAsync());
        group.StartSoon(TalkAsync());

        async Coroutine ListenAsync()
        {
            await foreach (var message in socket)
                Console.WriteLine(message.Text);
            group.Cancel();
        }

        async Coroutine TalkAsync()
        {
            var input = new AsyncStreamReader();
            await EventLoop.Running.ConnectReadPipeAsync(() => new StreamReaderProtocol(input), new SafeFileHandle(0, ownsHandle: false));
            await foreach (var line in input)
                await socket.SendAsync(Encoding.UTF8.GetString(line).TrimEnd());
            await socket.CloseAsync();
        }
    });
    return 0;
}

// Three guests who say what is written for them, each when it is their turn.
static async Coroutine<int> PartyAsync()
{
    var chat = new Chat();
    await using var server = await AsyncioWebSocket.StartServerAsync(chat.WelcomeAsync, "127.0.0.1", 0);
    var address = new Uri($"ws://{server.Sockets[0].LocalEndPoint}/");
    (string Name, string Text)[] script =
    [
        ("ada", "Is anybody here?"),
        ("alan", "Somebody computable."),
        ("grace", "I have brought a moth."),
        ("ada", "Then let us begin."),
    ];
    var guests = new Dictionary<string, AsyncioWebSocket>();
    foreach (var name in (string[])["ada", "alan", "grace"])
    {
        guests[name] = await AsyncioWebSocket.ConnectAsync(new Uri(address, name));
        await chat.Until(guests.Count); // so that all see the same
    }
    await TaskGroup.RunAsync(async group =>
    {
        foreach (var (name, text) in script)
        {
            await guests[name].SendAsync(text);
            // Everybody hears it, whoever has said it too.
            foreach (var (listener, socket) in guests)
            {
                WebSocketMessage? heard;
                do
                    heard = await socket.ReceiveAsync();
                while (heard is { Text: var said } && said.StartsWith('*')); // who comes and goes
                Console.WriteLine($"{listener,-6} hears  {heard}");
            }
        }
        foreach (var guest in guests.Values)
            group.StartSoon(LeaveAsync(guest));
    });
    return 0;

    static async Coroutine LeaveAsync(AsyncioWebSocket guest)
    {
        await guest.CloseAsync();
        await guest.DisposeAsync();
    }
}

sealed class Chat
{
    // No locks: between two awaits nobody else runs.
    private readonly Dictionary<AsyncioWebSocket, AsyncQueue<string>> _guests = [];
    private readonly AsyncCondition _changed = new();

    /// <summary>Runs once for each guest, in a task of its own.</summary>
    public async Coroutine WelcomeAsync(AsyncioWebSocket socket)
    {
        var name = Uri.UnescapeDataString(socket.Path.Trim('/')) is { Length: > 0 } given ? given : "somebody";
        // What a guest is to hear waits in a queue: one who reads slowly misses messages, and holds nobody up.
        var hears = new AsyncQueue<string>(100);
        await ChangeAsync(() => _guests[socket] = hears);
        Say($"* {name} has come");
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                var sending = group.CreateTask(SendAsync(socket, hears));
                await foreach (var message in socket)
                    Say($"{name}: {message.Text}");
                sending.Cancel();
            });
        }
        catch (Exception e) when (e is WebSocketException or AggregateException)
        {
            // gone without a goodbye
        }
        finally
        {
            _guests.Remove(socket);
        }
        Say($"* {name} has gone");
    }

    /// <summary>Waits until so many guests have come.</summary>
    public async Coroutine Until(int count)
    {
        using (await _changed.AcquireAsync())
            await _changed.WaitForAsync(() => _guests.Count >= count);
    }

    /// <summary>Says goodbye to everybody.</summary>
    public async Coroutine EndAsync()
    {
        foreach (var guest in _guests.Keys.ToArray())
        {
            try
            {
                await Asyncio.WaitFor(guest.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "the server ends"), 1.0);
            }
            catch (TimeoutException)
            {
                // does not answer, and is cut off
            }
        }
    }

    private async Coroutine ChangeAsync(Action change)
    {
        using (await _changed.AcquireAsync())
        {
            change();
            _changed.NotifyAll();
        }
    }

    private void Say(string text)
    {
        foreach (var hears in _guests.Values)
            hears.TryPut(text);
    }

    private static async Coroutine SendAsync(AsyncioWebSocket socket, AsyncQueue<string> hears)
    {
        await foreach (var text in hears)
            await socket.SendAsync(text);
    }
}
