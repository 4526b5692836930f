using System.Diagnostics;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace AsyncioSharp.Tests.Examples;

/// <summary>The servers and clients among the examples, used by each other and by programs that are not ours.</summary>
[Collection(nameof(ExampleCollection))]
public partial class NetworkExampleTests(ExampleBuilds examples)
{
    // Starts a server on a free port, and reads that from its first line.
    private async Task<(RunningProgram Program, int Port)> ServeAsync(string name, params string[] arguments)
    {
        var program = await examples.StartAsync(name, arguments);
        var line = await program.ReadLineAsync() ?? "";
        Assert.True(Port().IsMatch(line), $"{name} wrote: {line}");
        return (program, int.Parse(Port().Match(line).Groups[1].Value));
    }

    private static async Task StopAsync(RunningProgram program)
    {
        using (var kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
            await kill.WaitForExitAsync();
        var output = await program.WaitAsync();
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.EndsWith("Bye.\n", output.StandardOutput);
    }

    [Fact]
    public async Task Echo_server_and_client_talk_by_streams_and_protocols()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var server = await examples.StartAsync("echo_server", "0");
        var ports = Port().Matches(await server.ReadLineAsync() ?? "");
        var output = await examples.RunAsync("echo_client", ports[0].Groups[1].Value, ports[1].Groups[1].Value);
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Matches(@"^streams: 100 clients had 100 answers each, in [\d.]+ s\nprotocols: 100 clients had 100 answers each, in [\d.]+ s\n$",
            output.StandardOutput);
        await StopAsync(server);
    }

    [Fact]
    public async Task An_echo_server_on_all_cores_is_interrupted_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        var (server, port) = await ServeAsync("all_cores", "0");
        using (server)
        {
            for (var i = 0; i < 10; i++)
            {
                using var guest = await Guest.ConnectAsync(port);
                await guest.SayAsync($"hello {i}");
                Assert.Equal($"hello {i}", await guest.ReadAsync());
            }
            using var staying = await Guest.ConnectAsync(port);
            await staying.SayAsync("still here");
            Assert.Equal("still here", await staying.ReadAsync());
            await StopAsync(server);
        }
    }

    [Fact]
    public async Task A_program_on_all_cores_is_interrupted_once_and_ends_with_the_exit_code_that_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var program = await examples.StartAsync("all_cores", "count");
        for (var i = 0; i < Environment.ProcessorCount; i++)
            Assert.EndsWith("counts", await program.ReadLineAsync()); // and has begun to

        using (var kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
            await kill.WaitForExitAsync();

        var output = await program.WaitAsync();
        Assert.Equal(("", 130), (output.StandardError, output.ExitCode));
        for (var i = 0; i < Environment.ProcessorCount; i++)
            Assert.Contains($"loop {i} has counted a lot\n", output.StandardOutput);
    }

    [Fact]
    public async Task Udp_echo_answers_itself()
    {
        var output = await examples.RunAsync("udp_echo");
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Equal("sent one, received one\nsent two, received two\nsent three, received three\n", output.StandardOutput);
    }

    [Fact]
    public async Task Udp_echo_answers_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        var (server, port) = await ServeAsync("udp_echo", "0");
        using (server)
        {
            using var client = new UdpClient("127.0.0.1", port);
            await client.SendAsync("hello"u8.ToArray());
            Assert.Equal("hello", Encoding.ASCII.GetString((await client.ReceiveAsync()).Buffer));
            await StopAsync(server);
        }
    }

    [Fact]
    public async Task The_port_scanner_finds_the_open_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var output = await examples.RunAsync("port_scanner", "127.0.0.1", $"{port}", $"{port}");
        Assert.Equal(("", 0), (output.StandardError, output.ExitCode));
        Assert.Matches($@"^{port}\b.*\n1 of 1 ports of 127\.0\.0\.1 are open; that took [\d.]+ s\.\n$", output.StandardOutput);
    }

    [Fact]
    public async Task The_proxy_forwards_each_direction_to_its_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var (proxy, port) = await ServeAsync("proxy", "0", "127.0.0.1", $"{((IPEndPoint)listener.LocalEndpoint).Port}");
        using (proxy)
        {
            using var client = new TcpClient("127.0.0.1", port);
            using var remote = await listener.AcceptTcpClientAsync();
            using var stream = client.GetStream();
            // The question ends before the answer begins.
            client.Client.Send("question"u8);
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal("question", await new StreamReader(remote.GetStream()).ReadToEndAsync());
            var answer = new byte[2_000_000];
            Random.Shared.NextBytes(answer);
            var sending = Task.Run(() =>
            {
                remote.GetStream().Write(answer);
                remote.Close();
            });
            using var received = new MemoryStream();
            await stream.CopyToAsync(received);
            await sending;
            Assert.True(answer.AsSpan().SequenceEqual(received.ToArray()));
            await StopAsync(proxy);
        }
    }

    [Fact]
    public async Task The_chat_has_rooms_and_does_not_wait_for_slow_readers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        var (server, port) = await ServeAsync("chat_server", "0");
        using (server)
        {
            using var ann = await Guest.ConnectAsync(port);
            using var bob = await Guest.ConnectAsync(port);
            Assert.StartsWith("Welcome, guest1.", await ann.ReadAsync());
            Assert.Equal("* guest1 has joined lobby", await ann.ReadAsync());
            Assert.Equal("* guest2 has joined lobby", await ann.ReadAsync());
            await bob.ReadAsync();
            await bob.ReadAsync();
            await ann.SayAsync("/nick ann");
            Assert.Equal("* guest1 is now ann", await bob.ReadAsync());
            await ann.SayAsync("hello");
            Assert.Equal("ann: hello", await bob.ReadAsync());

            // One who never reads, while the others say more than any buffer holds.
            using var silent = await Guest.ConnectAsync(port);
            Assert.Equal("* guest3 has joined lobby", await bob.ReadAsync());
            var text = new string('x', 10_000);
            for (var i = 0; i < 1500; i++)
            {
                await ann.SayAsync(text);
                Assert.Equal($"ann: {text}", await bob.ReadAsync());
            }

            await bob.SayAsync("/join den");
            await bob.SayAsync("/who");
            Assert.Equal("* guest2 has joined den", await bob.ReadAsync());
            Assert.Equal("* here: guest2", await bob.ReadAsync());
            await bob.SayAsync("/quit");
            Assert.Null(await bob.ReadAsync());
            silent.Dispose();
            ann.Dispose();
            await StopAsync(server);
        }
    }

    [Fact]
    public async Task The_web_server_sends_files_to_curl_and_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends SIGINT with kill.");
        var folder = Directory.CreateTempSubdirectory();
        var site = Directory.CreateDirectory(Path.Combine(folder.FullName, "site"));
        var data = new byte[3_000_000];
        Random.Shared.NextBytes(data);
        File.WriteAllBytes(Path.Combine(site.FullName, "big.bin"), data);
        File.WriteAllText(Path.Combine(site.FullName, "index.html"), "<h1>Hello</h1>");
        File.WriteAllText(Path.Combine(folder.FullName, "secret.txt"), "not served");
        var (server, port) = await ServeAsync("http_server", site.FullName, "0");
        using (server)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            for (var i = 0; i < 3; i++) // on one connection
            {
                var received = await client.GetByteArrayAsync("big.bin");
                Assert.True(data.AsSpan().SequenceEqual(received));
            }
            Assert.Equal("<h1>Hello</h1>", await client.GetStringAsync(""));
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("nothing")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("%2e%2e/secret.txt")).StatusCode);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("", new StringContent("body"))).StatusCode);
            using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "big.bin"));
            Assert.Equal(data.Length, head.Content.Headers.ContentLength);
            using (var curl = Process.Start(
                new ProcessStartInfo("curl", ["-s", "-i", $"http://127.0.0.1:{port}/index.html"]) { RedirectStandardOutput = true })!)
            {
                Assert.Matches(@"^HTTP/1\.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 14\r\n(.*\r\n)*\r\n<h1>Hello</h1>$",
                    await curl.StandardOutput.ReadToEndAsync());
            }
            await StopAsync(server);
        }
        folder.Delete(recursive: true);
    }

    [GeneratedRegex(@":(\d+)")]
    private static partial Regex Port();

    private sealed class Guest : IDisposable
    {
        private readonly TcpClient _client = new();
        private StreamReader _reader = null!;

        public static async Task<Guest> ConnectAsync(int port)
        {
            var guest = new Guest();
            await guest._client.ConnectAsync(IPAddress.Loopback, port);
            guest._reader = new StreamReader(guest._client.GetStream());
            return guest;
        }

        public Task<string?> ReadAsync() => _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));

        public async Task SayAsync(string text) => await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text + "\n"));

        public void Dispose() => _client.Dispose();
    }
}
