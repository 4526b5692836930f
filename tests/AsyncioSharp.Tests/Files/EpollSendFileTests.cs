using AsyncioSharp.Tests.Faults;
using AsyncioSharp.Tests.Sockets;

namespace AsyncioSharp.Tests.Files;

// What is so only where the system itself sends.
public sealed partial class EpollSendFileTests
{
    [Fact]
    [CPythonTest("test_sendfile.py", "SendfileMixin", "test_sendfile_prevents_bare_write")]
    public void Nothing_can_be_written_while_the_system_sends_a_file() => Run(async () =>
    {
        await WhileSendingAsync(async (client, _, sending) =>
        {
            Assert.Contains("SendFileAsync", Assert.Throws<InvalidOperationException>(() => client.Transport.Write("data"u8)).Message);
            Assert.Throws<InvalidOperationException>(client.Transport.WriteEof);
            await Expect.ThrowsAsync<InvalidOperationException>(
                Loop.SendFileAsync(client.Transport, new FileStream(typeof(SocketPair).Assembly.Location, FileMode.Open, FileAccess.Read)));
            Assert.False(sending.IsCompleted);
        });
    });

    [Fact]
    public void A_transport_that_is_closed_meanwhile_sends_the_file_to_its_end() => Run(async () =>
    {
        await WhileSendingAsync(async (client, server, sending) =>
        {
            client.Transport.Close();
            Assert.True(client.Transport.IsClosing);
            client.Transport.Write("dropped"u8);
        });
    });

    [Theory]
    [InlineData(5)] // EIO
    [InlineData(75)] // EOVERFLOW
    [InlineData(116)] // ESTALE
    public void A_file_that_cannot_be_read_is_told_and_leaves_the_connection(int error) => Run(() => JoinAsync(async (client, server) =>
    {
        using var file = File.OpenRead(typeof(SocketPair).Assembly.Location);
        using (new FaultPlan("sendfile", error, at: 1))
        {
            var failure = await Expect.ThrowsAsync<IOException>(Loop.SendFileAsync(client.Transport, file));
            Assert.StartsWith("The file cannot be read", failure.Message);
        }
        Assert.Equal(0, file.Position);
        client.Transport.Write("after"u8);
        await Until(() => server.DataCount == 5);
    }));

    [Fact]
    public void Without_fallback_regular_files_are_sent() => Run(async () =>
    {
        using var pair = new SocketPair();
        using var file = File.OpenRead(typeof(SocketPair).Assembly.Location);
        Assert.Equal(1000, await Loop.SockSendFileAsync(pair.Near, file, 0, 1000, fallback: false));
    });
}
