using System.Globalization;
using System.Runtime.InteropServices;
using AsyncioSharp.Tests.Peers;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Pipes;

// Other programs at the other end.
public abstract partial class PipeTests
{
    [Theory]
    [InlineData("socat", "-u OPEN:{0} STDOUT", "-u STDIN OPEN:{0}")]
    [InlineData("cat", "{0}", "")]
    public void Named_pipes_join_other_programs(string program, string toRead, string toWrite) => Run(async () =>
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal(0, mkfifo(path, 0x180)); // rw-------
        using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0); // so that opening does not wait
        if (toWrite.Length > 0)
        {
            var (_, protocol) = await Loop.ConnectReadPipeAsync(() => new Recorder(), File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            using var writer = Peer.Start(program, string.Format(CultureInfo.InvariantCulture, toWrite, path).Split(' '));
            writer.WriteLine("from another");
            writer.EndInput();
            await Until(() => protocol.DataCount == 13);
            protocol.Transport.Close();
            await Until(() => protocol.IsLost);
        }
        var (transport, recorder) = await Loop.ConnectWritePipeAsync(() => new Recorder(), File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        using var reader = Peer.Start(program, string.Format(CultureInfo.InvariantCulture, toRead, path).Split(' '));
        transport.Write("to another\n"u8);
        Assert.Equal("to another", await reader.ReadLineAsync());
        transport.Close();
        await Until(() => recorder.IsLost);
        File.Delete(path);
    });

    [DllImport("libc")]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
