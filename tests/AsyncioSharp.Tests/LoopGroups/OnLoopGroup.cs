using System.Net;
using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>The base of suites about groups of loops: abstract tests, and one sealed class for each kind of loop.</summary>
public abstract class OnLoopGroup
{
    private protected List<ExceptionContext> Reports { get; } = [];

    protected abstract EventLoop NewLoop();

    /// <summary>Starts a group whose loops report here.</summary>
    protected LoopGroup Start(int count = 2, TimeSpan? patience = null) => LoopGroup.Start(Options(count, patience));

    protected LoopGroupOptions Options(int count, TimeSpan? patience = null) => new()
    {
        Count = count,
        Runner = new RunnerOptions { LoopFactory = MakeLoop, HandleInterrupt = false, TaskShutdownTimeout = patience ?? Patience },
    };

    protected static Socket Connect(EndPoint endPoint)
    {
        var socket = endPoint.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(endPoint);
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        return socket;
    }

    /// <summary>Holds a loop up, so that what comes to it meanwhile comes together.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="first">Done before, on the loop.</param>
    /// <returns>Lets it go on.</returns>
    protected static async Task<Action> HoldAsync(EventLoop loop, Action? first = null)
    {
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new ManualResetEventSlim();
        loop.CallSoonThreadsafe(() =>
        {
            first?.Invoke();
            isHeld.SetResult();
            release.Wait(Patience);
        });
        await isHeld.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return release.Set;
    }

    /// <summary>Cancels all tasks of a loop, as clean-up does that knows of nothing else.</summary>
    protected static void CancelAll(EventLoop loop) => loop.CallSoonThreadsafe(CancelAll);

    /// <summary>Cancels all tasks of the running loop.</summary>
    protected static void CancelAll()
    {
        foreach (var task in Asyncio.AllTasks())
            task.Cancel();
    }

    /// <summary>Serves a connection: tells which loop it is that does.</summary>
    protected static async Coroutine TellPlaceAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        await using (writer)
        {
            writer.Write([(byte)LoopGroup.CurrentIndex]);
            await writer.DrainAsync();
            await reader.ReadAsync();
        }
    }

    /// <summary>Receives so many bytes.</summary>
    protected static byte[] Receive(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var got = 0; got < count;)
        {
            var more = socket.Receive(bytes.AsSpan(got));
            Assert.True(more > 0, "the connection has ended");
            got += more;
        }
        return bytes;
    }

    /// <summary>Runs on a thread that may be bound to a processor.</summary>
    protected static void OnThreadOfItsOwn(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    private EventLoop MakeLoop()
    {
        var loop = NewLoop();
        loop.ExceptionHandler = (_, report) =>
        {
            lock (Reports)
                Reports.Add(report);
        };
        return loop;
    }
}
