using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

// What becomes of it when something cancels all tasks of a loop just when a server is to begin or to end there.
public abstract partial class LoopGroupServerTests
{
    public enum Closing
    {
        Close,
        ShutDown,
        Dispose,
    }

    [Theory]
    [InlineData(Closing.Close)]
    [InlineData(Closing.ShutDown)]
    [InlineData(Closing.Dispose)]
    public async Task A_server_is_closed_also_when_all_tasks_are_cancelled_that_have_not_begun(Closing how)
    {
        await using var group = Start(1);
        await using var server = await group.StartServerAsync(EchoAsync, "127.0.0.1", 0);
        var release = await HoldAsync(group.Loops[0]);

        var closing = how switch
        {
            Closing.Close => server.CloseAsync(),
            Closing.ShutDown => server.ShutdownAsync(null, TestContext.Current.CancellationToken),
            _ => server.DisposeAsync().AsTask(),
        };
        CancelAll(group.Loops[0]);
        release();

        Assert.IsNotType<TimeoutException>(await Record.ExceptionAsync(() => closing.WaitAsync(Patience)));
        // The latter says that it can be cancelled.
        Assert.True(closing.IsCompletedSuccessfully || how == Closing.ShutDown, closing.Status.ToString());
        await Refused(server.EndPoints[0]);
    }

    [Fact]
    public async Task A_server_starts_and_closes_on_loops_whose_tasks_are_cancelled_all_the_time()
    {
        await using var group = Start(2);
        var goesOn = true;
        foreach (var loop in group.Loops)
            loop.CallSoonThreadsafe(() => CancelAllAgain(loop));
        var port = Ports.Free();

        await using var server = await group.StartServerAsync(EchoAsync, "127.0.0.1", port);
        Assert.True(CanConnect(server.EndPoints[0]));
        await server.CloseAsync();

        await Refused(server.EndPoints[0]);
        Volatile.Write(ref goesOn, false);

        void CancelAllAgain(EventLoop loop)
        {
            CancelAll();
            if (Volatile.Read(ref goesOn))
                loop.CallSoon(() => CancelAllAgain(loop));
        }
    }
}
