#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// A chat with rooms, to be used with nc. Whoever reads slowly misses messages, and holds nobody up.
//
//   dotnet run examples/chat_server.cs -- 8010
//   nc 127.0.0.1 8010        and again, in other windows; then type /help

using System.Text;
using AsyncioSharp;

var port = args is [var number] ? int.Parse(number) : 8010;
try
{
    Asyncio.Run(async () =>
    {
        var chat = new Chat();
        var server = await Asyncio.StartServerAsync(chat.WelcomeAsync, "127.0.0.1", port);
        Console.WriteLine($"chatting at {server.Sockets[0].LocalEndPoint}");
        try
        {
            // Not ServeForeverAsync: when that is cancelled it waits for all guests, also those who never read.
            await Asyncio.Sleep(Timeout.InfiniteTimeSpan);
        }
        finally
        {
            server.CloseClients();
            await server.ShutdownAsync(TimeSpan.FromSeconds(1)); // then they are cut off
        }
    });
}
catch (OperationCanceledException)
{
    Console.WriteLine("Bye."); // Ctrl-C
}

sealed class Chat
{
    private const string Help = "/join ROOM, /nick NAME, /who, /quit; anything else is said to the room";

    // No locks: between two awaits nobody else runs.
    private readonly Dictionary<string, HashSet<Guest>> _rooms = [];
    private int _guests;

    public async Coroutine WelcomeAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        var guest = new Guest($"guest{++_guests}");
        await using (writer)
        {
            try
            {
                await TaskGroup.RunAsync(async group =>
                {
                    var sending = group.CreateTask(guest.SendAsync(writer));
                    guest.Hear($"Welcome, {guest.Name}. {Help}");
                    Join(guest, "lobby");
                    await ListenAsync(guest, reader);
                    guest.Leave();
                    await sending;
                });
            }
            catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is IOException or LimitOverrunException))
            {
                // The connection was lost, or a line had no end.
            }
            finally
            {
                Part(guest);
            }
        }
    }

    private async Coroutine ListenAsync(Guest guest, AsyncStreamReader reader)
    {
        await foreach (var line in reader)
        {
            var text = Encoding.UTF8.GetString(line).TrimEnd();
            switch (text.Split(' ', 2))
            {
                case ["/quit", ..]:
                    return;
                case ["/help", ..]:
                    guest.Hear(Help);
                    break;
                case ["/join", var room]:
                    Part(guest);
                    Join(guest, room);
                    break;
                case ["/nick", var name]:
                    Say(guest, $"* {guest.Name} is now {name}");
                    guest.Name = name;
                    break;
                case ["/who", ..]:
                    guest.Hear($"* here: {string.Join(", ", _rooms[guest.Room].Select(other => other.Name).Order())}");
                    break;
                case [""]:
                    break;
                default:
                    Say(guest, $"{guest.Name}: {text}");
                    break;
            }
        }
    }

    private void Join(Guest guest, string room)
    {
        guest.Room = room;
        if (!_rooms.TryGetValue(room, out var guests))
            _rooms[room] = guests = [];
        guests.Add(guest);
        Say(guest, $"* {guest.Name} has joined {room}");
    }

    private void Part(Guest guest)
    {
        if (!_rooms.TryGetValue(guest.Room, out var guests) || !guests.Remove(guest))
            return;
        if (guests.Count == 0)
            _rooms.Remove(guest.Room);
        foreach (var other in guests)
            other.Hear($"* {guest.Name} has left {guest.Room}");
    }

    private void Say(Guest guest, string message)
    {
        foreach (var other in _rooms[guest.Room])
            other.Hear(message);
    }
}

sealed class Guest(string name)
{
    private const int MaxWaiting = 100;

    private readonly AsyncQueue<string> _messages = new(MaxWaiting);
    private int _missed;

    public string Name { get; set; } = name;

    public string Room { get; set; } = "";

    // Never waits: what a slow reader has no room for is counted instead.
    public void Hear(string message)
    {
        if (!_messages.TryPut(message))
            _missed++;
    }

    public void Leave() => _messages.Shutdown();

    // The guest's own task: only this one waits for the guest to read.
    public async Coroutine SendAsync(AsyncStreamWriter writer)
    {
        await foreach (var message in _messages)
        {
            writer.Write(Encoding.UTF8.GetBytes(message + "\n"));
            if (_missed > 0 && _messages.IsEmpty)
            {
                writer.Write(Encoding.UTF8.GetBytes($"* you missed {_missed} messages\n"));
                _missed = 0;
            }
            await writer.DrainAsync();
        }
    }
}
