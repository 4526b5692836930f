using Grpc.Core;

namespace AsyncioSharp.Tests.Interop;

/// <summary>The server's side: ordinary code on the thread pool.</summary>
internal sealed class TickerService : Ticker.TickerBase
{
    private int _blocked;

    /// <summary>How many calls wait until they are cancelled.</summary>
    public int Blocked => Volatile.Read(ref _blocked);

    public override Task<Number> Echo(Number request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Count(Number request, IServerStreamWriter<Number> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Value; i++)
            await responseStream.WriteAsync(new Number { Value = i }, context.CancellationToken);
    }

    public override async Task<Number> Sum(IAsyncStreamReader<Number> requestStream, ServerCallContext context)
    {
        var sum = 0;
        await foreach (var number in requestStream.ReadAllAsync(context.CancellationToken))
            sum += number.Value;
        return new Number { Value = sum };
    }

    public override async Task Double(IAsyncStreamReader<Number> requestStream, IServerStreamWriter<Number> responseStream, ServerCallContext context)
    {
        await foreach (var number in requestStream.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(new Number { Value = number.Value * 2 }, context.CancellationToken);
    }

    public override async Task Block(Number request, IServerStreamWriter<Number> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref _blocked);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _blocked);
        }
    }
}
