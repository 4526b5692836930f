using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Tls;
using AsyncioSharp.Tests.Transports;

namespace AsyncioSharp.Tests.Files;

public abstract partial class SendFileTests
{
    [Fact]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_ssl")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_ssl_pre_and_post_data")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_ssl_partial")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_ssl_close_peer_after_receiving")]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_force_unsupported_native")]
    public void Over_TLS_a_file_is_sent_in_pieces() => Run(async () =>
    {
        var server = new Recorder();
        await using var listener = await ServeAsync(() => server, new ServerOptions { Tls = Certificates.Server });
        var (transport, client) = await Loop.CreateConnectionAsync(
            () => new Recorder(), "127.0.0.1", Port(listener), new ConnectionOptions { Tls = Certificates.Client });
        await Expect.ThrowsAsync<SendfileNotAvailableException>(Loop.SendFileAsync(transport, _file, fallback: false));
        Assert.Equal(0, _file.Position);

        transport.Write("prefix"u8);
        Assert.Equal(Size, await Loop.SendFileAsync(transport, _file));
        Assert.Equal(100, await Loop.SendFileAsync(transport, _file, 1000, 100));
        Assert.Equal(1100, _file.Position);
        transport.Write("suffix"u8);
        await Until(() => server.DataCount == Size + 112);
        Assert.True(server.Data.AsSpan().SequenceEqual([.. "prefix"u8, .. _data, .. _data[1000..1100], .. "suffix"u8]));
        server.Transport.Close();
        await Until(() => client.IsLost && server.IsLost);
    });
}
