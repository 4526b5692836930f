using System.Globalization;
using AsyncioSharp.Tests.Peers;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Pipes;

// Other programs at the other end.
public abstract partial class PipeTests
{
    [Fact]
    public void A_named_pipe_brings_what_another_program_writes() => Run(() => WithNamedPipeAsync(async path =>
    {
        var (transport, protocol) = await Loop.ConnectReadPipeAsync(
            () => new Recorder(), File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        using var writer = new OtherProgram("socat", "-u", "STDIN", $"OPEN:{path}");
        writer.WriteLine("from another");
        writer.EndInput();
        await Until(() => protocol.DataCount == 13);
        transport.Close();
        await Until(() => protocol.IsLost);
    }));

    [Theory]
    [InlineData("socat", "-u OPEN:{0} STDOUT")]
    [InlineData("cat", "{0}")]
    public void A_named_pipe_takes_what_another_program_reads(string program, string arguments) => Run(() => WithNamedPipeAsync(async path =>
    {
        var (transport, protocol) = await Loop.ConnectWritePipeAsync(
            () => new Recorder(), File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        using var reader = new OtherProgram(program, string.Format(CultureInfo.InvariantCulture, arguments, path).Split(' '));
        transport.Write("to another\n"u8);
        Assert.Equal("to another", await reader.ReadLineAsync());
        transport.Close();
        await Until(() => protocol.IsLost);
    }));

    private static async Coroutine WithNamedPipeAsync(Func<string, Coroutine> body)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        NamedPipe.Make(path);
        using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0); // so that opening does not wait
        await body(path);
        File.Delete(path);
    }
}
