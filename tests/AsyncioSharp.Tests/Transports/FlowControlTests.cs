using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Transports;

/// <summary>The marks of the write buffer, and how writing is paused and resumed between them.</summary>
public abstract class FlowControlTests(EventLoop loop) : OnNetwork(loop)
{
    [Fact]
    [CPythonTest("test_transports.py", "TransportTests", "test_flowcontrol_mixin_set_write_limits")]
    public void The_marks_follow_each_other_and_must_be_in_order() => Run(async () =>
    {
        await using var server = await ServeAsync(() => new Recorder());
        var (transport, _) = await ConnectAsync(server, () => new Recorder());

        Assert.Equal(new WriteBufferLimits(16 * 1024, 64 * 1024), transport.WriteBufferLimits);
        transport.SetWriteBufferLimits(high: 1024, low: 128);
        Assert.Equal(new WriteBufferLimits(128, 1024), transport.WriteBufferLimits);
        transport.SetWriteBufferLimits(high: 400);
        Assert.Equal(new WriteBufferLimits(100, 400), transport.WriteBufferLimits);
        transport.SetWriteBufferLimits(low: 400);
        Assert.Equal(new WriteBufferLimits(400, 1600), transport.WriteBufferLimits);
        transport.SetWriteBufferLimits(high: 0);
        Assert.Equal(new WriteBufferLimits(0, 0), transport.WriteBufferLimits);
        Assert.Throws<ArgumentOutOfRangeException>("low", () => transport.SetWriteBufferLimits(high: 0, low: 1));
        Assert.Throws<ArgumentOutOfRangeException>("low", () => transport.SetWriteBufferLimits(low: -1));
        transport.SetWriteBufferLimits();
        Assert.Equal(new WriteBufferLimits(16 * 1024, 64 * 1024), transport.WriteBufferLimits);
        transport.Abort();
    });

    [Fact]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_writelines_pauses_protocol")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_buffer")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_ready_partial")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_partial")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_partial_none")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_tryagain")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_write_ready_tryagain")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_writelines_send_full")]
    [CPythonTest("test_selector_events.py", "SelectorSocketTransportTests", "test_writelines_send_partial")]
    public void Pauses_and_resumptions_take_turns() => Run(async () =>
    {
        var (sender, receiver) = (new Recorder(), new Recorder());
        await using var server = await ServeAsync(() => receiver);
        await ConnectAsync(server, () => sender);
        await Until(() => receiver.Transport is not null);
        var total = 0;
        var data = new byte[100_000];
        for (var round = 0; round < 5; round++)
        {
            receiver.Transport.PauseReading();
            while (!sender.IsPaused)
            {
                Assert.True(sender.Transport.WriteBufferSize <= sender.Transport.WriteBufferLimits.High);
                if (round % 2 == 0)
                    sender.Transport.Write(data);
                else
                    sender.Transport.WriteLines([data[..50_000], data[50_000..]]);
                total += data.Length;
            }
            sender.Transport.Write(data); // more of it does not pause again
            total += data.Length;
            receiver.Transport.ResumeReading();
            await Until(() => !sender.IsPaused);
            Assert.True(sender.Transport.WriteBufferSize <= sender.Transport.WriteBufferLimits.Low);
        }
        await Until(() => receiver.DataCount == total);

        Assert.Equal("made pause resume pause resume pause resume pause resume pause resume", sender.Events);
        Assert.Equal(0, sender.Transport.WriteBufferSize);
        sender.Transport.Abort();
    });

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    public void A_protocol_that_fails_to_pause_or_resume_is_reported_and_goes_on(string call) => Run(async () =>
    {
        var (sender, receiver) = (new Recorder { FailsAt = call }, new Recorder());
        await using var server = await ServeAsync(() => receiver);
        await ConnectAsync(server, () => sender);
        await Until(() => receiver.Transport is not null);
        receiver.Transport.PauseReading();
        var data = new byte[100_000];
        while (!sender.IsPaused)
            sender.Transport.Write(data);

        receiver.Transport.ResumeReading();
        await Until(() => !sender.IsPaused);

        Assert.Equal(call, Assert.Single(Reports()).Exception!.Message);
        Assert.False(sender.Transport.IsClosing);
        sender.Transport.Abort();
    });

    [Fact]
    public void A_resumed_protocol_may_write_or_close_at_once() => Run(async () =>
    {
        var (sender, receiver) = (new Recorder(), new Recorder());
        await using var server = await ServeAsync(() => receiver);
        await ConnectAsync(server, () => sender);
        await Until(() => receiver.Transport is not null);
        receiver.Transport.PauseReading();
        var data = new byte[100_000];
        while (!sender.IsPaused)
            sender.Transport.Write(data);
        sender.Then = happened =>
        {
            if (happened == "resume")
            {
                sender.Transport.Write("end"u8);
                sender.Transport.Close();
            }
        };

        receiver.Transport.ResumeReading();
        await Until(() => receiver.IsLost && sender.IsLost);

        Assert.Equal("made pause resume lost", sender.Events);
        Assert.EndsWith("end", System.Text.Encoding.ASCII.GetString(receiver.Data[^3..]));
    });

    [Fact]
    public void Lowering_the_marks_pauses_at_once() => Run(async () =>
    {
        var (sender, receiver) = (new Recorder(), new Recorder());
        await using var server = await ServeAsync(() => receiver);
        await ConnectAsync(server, () => sender);
        await Until(() => receiver.Transport is not null);
        receiver.Transport.PauseReading();
        sender.Transport.SetWriteBufferLimits(high: 100_000_000);
        var data = new byte[100_000];
        while (sender.Transport.WriteBufferSize == 0)
            sender.Transport.Write(data);
        Assert.False(sender.IsPaused);

        sender.Transport.SetWriteBufferLimits(high: 0);

        Assert.True(sender.IsPaused);
        sender.Transport.Abort();
        server.AbortClients();
    });
}

public sealed class EpollFlowControlTests() : FlowControlTests(new EpollEventLoop());

public sealed class IoUringFlowControlTests() : FlowControlTests(IoUring.NewLoop());

public sealed class PortableFlowControlTests() : FlowControlTests(new PortableEventLoop());
