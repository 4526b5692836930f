namespace AsyncioSharp.Stress.Traffic;

// Going on on another loop, or on the same again.
internal sealed partial class End
{
    private async Coroutine MoveAsync()
    {
        if (pair.IsAborted || !pair.TryTake())
            return;
        try
        {
            Note("move");
            await StopReadingAsync();
            if (await DetachAsync() is { } connection)
            {
                var loop = loops[random.Next(loops.Count)];
                if (loop != EventLoop.Running)
                    connection = await Asyncio.RunCoroutineThreadsafe(VisitAsync(connection), loop);
                await AttachAsync(connection);
            }
            StartReading();
        }
        finally
        {
            pair.Return();
        }
        if (random.Next(2) == 0)
            await TurnsAsync();
    }

    private async Coroutine<DetachedConnection?> DetachAsync()
    {
        if (random.Next(3) > 0)
            return await _writer.DetachAsync();
        DetachedConnection? connection = null;
        await CanceledAsync(async () => connection = await _writer.DetachAsync());
        return connection;
    }

    private async Coroutine AttachAsync(DetachedConnection connection)
    {
        Note($"attach with {connection.Received.Length}");
        (_reader, _writer) = await Asyncio.AttachAsync(connection);
        if (random.Next(4) == 0 && !HasPlanned)
            Write(random.Next(300));
    }

    // Goes on for a while on another loop.
    private async Coroutine<DetachedConnection> VisitAsync(DetachedConnection connection)
    {
        await AttachAsync(connection);
        StartReading();
        if (!HasPlanned)
            await WriteAsync(random.Next(5));
        else
            await TurnsAsync();
        Note("back");
        await StopReadingAsync();
        return await _writer.DetachAsync();
    }
}
