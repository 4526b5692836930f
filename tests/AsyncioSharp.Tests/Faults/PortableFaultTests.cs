using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Faults;

/// <summary>Each call of .NET's sockets that the portable loop makes fails, in turn.</summary>
[Collection(nameof(Alone))]
public sealed class PortableFaultTests : FaultMatrix
{
    protected override EventLoop NewLoop() => new PortableEventLoop();

    [Theory]
    [InlineData("Receive", SocketError.ConnectionReset)]
    [InlineData("Receive", SocketError.TimedOut)]
    [InlineData("Receive", SocketError.NoBufferSpaceAvailable)]
    [InlineData("Receive", SocketError.OperationAborted)]
    [InlineData("ReceiveAsync", SocketError.ConnectionReset)]
    [InlineData("ReceiveAsync", SocketError.OperationAborted)]
    [InlineData("Send", SocketError.ConnectionReset)]
    [InlineData("Send", SocketError.Shutdown)]
    [InlineData("Send", SocketError.NoBufferSpaceAvailable)]
    [InlineData("SendAsync", SocketError.ConnectionReset)]
    [InlineData("SendAsync", SocketError.TimedOut)]
    [InlineData("SendAsync", SocketError.OperationAborted)]
    [InlineData("ConnectAsync", SocketError.ConnectionRefused)]
    [InlineData("ConnectAsync", SocketError.TimedOut)]
    [InlineData("ConnectAsync", SocketError.NetworkUnreachable)]
    [InlineData("ConnectAsync", SocketError.AddressNotAvailable)]
    public void Whoever_is_concerned_is_told(string call, SocketError error) =>
        AtEachCall(call, (int)error, static () => new EchoRun(tls: false), CheckTold);

    [Theory]
    [InlineData("Receive", SocketError.ConnectionReset)]
    [InlineData("Send", SocketError.Shutdown)]
    [InlineData("SendAsync", SocketError.ConnectionReset)]
    public void Whoever_is_concerned_is_told_over_tls_too(string call, SocketError error) =>
        AtEachCall(call, (int)error, static () => new EchoRun(tls: true), CheckTold);

    [Theory]
    [InlineData(SocketError.ConnectionAborted)]
    [InlineData(SocketError.ConnectionReset)]
    public void Connections_that_came_and_went_are_passed_over(SocketError error) =>
        AtEachCall("AcceptAsync", (int)error, static () => new EchoRun(tls: false), CheckUnnoticed);

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets)]
    [InlineData(SocketError.NoBufferSpaceAvailable)]
    public void A_server_without_resources_accepts_later(SocketError error)
    {
        using var plan = new FaultPlan("AcceptAsync", (int)error, at: 1);

        var run = Run(static () => new EchoRun(tls: false)); // it takes a second

        Assert.True(plan.HasStruck);
        Assert.Null(run.Failure);
        Assert.True(run.IsWhole);
        Assert.Contains("tried again", Assert.Single(run.Reports).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ReceiveAsync", SocketError.ConnectionRefused)]
    [InlineData("ReceiveAsync", SocketError.NoBufferSpaceAvailable)]
    [InlineData("ReceiveFrom", SocketError.NoBufferSpaceAvailable)]
    [InlineData("ReceiveFrom", SocketError.ConnectionRefused)]
    [InlineData("Send", SocketError.ConnectionRefused)]
    [InlineData("Send", SocketError.MessageSize)]
    [InlineData("SendTo", SocketError.NetworkUnreachable)]
    [InlineData("SendTo", SocketError.NoBufferSpaceAvailable)]
    public void Datagrams_arrive_in_order_or_their_loss_is_told(string call, SocketError error)
    {
        AtEachCall(call, (int)error, static () => new DatagramRun(unix: false), CheckTold);
        AtEachCall(call, (int)error, static () => new DatagramRun(unix: true), CheckTold);
    }

    [Fact]
    public void What_waits_to_be_sent_and_cannot_be_is_told() =>
        AtEachCall("SendAsync", (int)SocketError.ConnectionRefused, static () => new DatagramRun(unix: true), CheckTold);

    [Theory]
    [InlineData("ReadPipe")]
    [InlineData("WritePipe")]
    public void A_pipe_that_breaks_tells_so(string call) => AtEachCall(call, 5, static () => new PipeRun(), CheckTold);

    [Theory]
    [InlineData("Receive", SocketError.ConnectionReset)]
    [InlineData("ReceiveAsync", SocketError.ConnectionReset)]
    [InlineData("AcceptAsync", SocketError.TooManyOpenSockets)]
    public void Sockets_that_fail_tell_so(string call, SocketError error) => AtEachCall(call, (int)error, static () => new SocketRun(), CheckTold);
}
