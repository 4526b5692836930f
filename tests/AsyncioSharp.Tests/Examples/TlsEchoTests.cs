using System.Text.RegularExpressions;
using AsyncioSharp.Tests.Peers;
using AsyncioSharp.Tests.Tls;

namespace AsyncioSharp.Tests.Examples;

[Collection(nameof(ExampleCollection))]
public partial class TlsEchoTests(ExampleBuilds examples)
{
    [Fact]
    public async Task Server_and_client_talk_in_one_program()
    {
        var output = await examples.RunAsync("tls_echo");

        Assert.Equal(("Tls13, CN=localhost\ncame back: hello\ncame back: over the wire\n", "", 0),
            (output.StandardOutput, output.StandardError, output.ExitCode));
    }

    [Fact]
    public async Task Other_programs_can_be_the_client()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var server = await examples.StartAsync("tls_echo", "serve", "0", file);
        var port = PortNumber().Match((await server.ReadLineAsync())!).Value;
        using var client = new OtherProgram(
            "openssl", "s_client", "-quiet", "-verify_return_error", "-connect", $"localhost:{port}", "-CAfile", file);

        client.Input.Write("from outside\n");
        client.Input.Flush();

        Assert.Equal("from outside", await client.Output.ReadLineAsync());
        File.Delete(file);
    }

    [Fact]
    public async Task Nonsense_is_answered_with_how_it_is_used()
    {
        var output = await examples.RunAsync("tls_echo", "nonsense");

        Assert.StartsWith("usage:", output.StandardError, StringComparison.Ordinal);
        Assert.Equal(2, output.ExitCode);
    }

    [GeneratedRegex(@"(?<=localhost:)\d+")]
    private static partial Regex PortNumber();
}
