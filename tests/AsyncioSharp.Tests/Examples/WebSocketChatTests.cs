using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

[Collection(nameof(ExampleCollection))]
public class WebSocketChatTests(ExampleBuilds examples)
{
    [Fact]
    public async Task Three_guests_hear_each_other()
    {
        var output = await examples.RunAsync("websocket_chat");
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        var expected = new StringBuilder();
        foreach (var said in (string[])["ada: Is anybody here?", "alan: Somebody computable.",
            "grace: I have brought a moth.", "ada: Then let us begin."])
        {
            expected.Append($"ada    hears  {said}\nalan   hears  {said}\ngrace  hears  {said}\n");
        }
        Assert.Equal(expected.ToString(), output.StandardOutput);
    }

    [Fact]
    public async Task Guests_of_other_programs_are_served_until_it_is_interrupted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var server = await examples.StartAsync("websocket_chat", "serve", "0");
        var line = await server.ReadLineAsync() ?? "";
        var address = Regex.Match(line, @"ws://127\.0\.0\.1:\d+/").Value;
        Assert.NotEqual("", address);
        using var guest = new ClientWebSocket();
        await guest.ConnectAsync(new Uri($"{address}tim"), CancellationToken.None);
        Assert.Equal("* tim has come", await ReceiveAsync(guest));
        await guest.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.Equal("tim: hello", await ReceiveAsync(guest));

        // Our own guest has nothing to say: its input is at its end.
        var joined = await examples.RunAsync("websocket_chat", "join", address, "ada");
        Assert.Equal(("", 0), (joined.StandardError, joined.ExitCode));
        Assert.Equal("* ada has come", await ReceiveAsync(guest));
        Assert.Equal("* ada has gone", await ReceiveAsync(guest));

        using (var kill = Process.Start("kill", ["-INT", $"{server.Id}"]))
            await kill.WaitForExitAsync();
        Assert.Equal("(closed) the server ends", await ReceiveAsync(guest));
        await guest.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        var output = await server.WaitAsync();
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.EndsWith("Bye.\n", output.StandardOutput);
    }

    [Fact]
    public async Task Where_nobody_serves_it_says_so()
    {
        var output = await examples.RunAsync("websocket_chat", "join", "ws://127.0.0.1:1/", "ada");
        Assert.Equal(1, output.ExitCode);
        Assert.StartsWith("websocket_chat: ", output.StandardError, StringComparison.Ordinal);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1000];
        var part = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
        return part.MessageType == WebSocketMessageType.Close
            ? $"(closed) {socket.CloseStatusDescription}"
            : Encoding.UTF8.GetString(buffer, 0, part.Count);
    }
}
