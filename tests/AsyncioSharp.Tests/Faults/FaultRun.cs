using System.Net.Sockets;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Faults;

/// <summary>A program on a loop of its own, of which a call may fail. Whatever fails, it must end in order.</summary>
internal abstract class FaultRun
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>What ended the program; null if it ran to its end.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>What the loop reported.</summary>
    public List<ExceptionContext> Reports { get; } = [];

    /// <summary>Whether everything arrived.</summary>
    public abstract bool IsWhole { get; }

    /// <summary>Whether somebody was told that something is missing.</summary>
    public virtual bool IsTold => Failure is not null || Reports.Count > 0;

    /// <summary>Runs it, and checks what must hold whatever happened.</summary>
    public TRun On<TRun>(Func<EventLoop> makeLoop)
        where TRun : FaultRun
    {
        EventLoop? loop = null;
        try
        {
            loop = makeLoop();
            loop.ExceptionHandler = (_, report) => Reports.Add(report);
            loop.RunUntilComplete(Asyncio.Timeout(s_patience, _ => MainAsync()));
        }
        catch (Exception e)
        {
            Failure = e;
        }
        try
        {
            loop?.Close();
        }
        catch (SocketException e)
        {
            Failure ??= e;
        }
        Assert.IsNotType<TimeoutException>(Failure);
        Check();
        Assert.True(IsWhole || IsTold, "Something is missing, and nobody was told.");
        return (TRun)this;
    }

    /// <summary>The program.</summary>
    protected abstract Coroutine MainAsync();

    /// <summary>Checks what must hold whatever happened.</summary>
    protected abstract void Check();

    protected static byte[] RandomBytes(int length)
    {
        var data = new byte[length];
        new Random(1).NextBytes(data);
        return data;
    }
}
