namespace AsyncioSharp.Stress.Traffic;

internal sealed partial class End
{
    private readonly byte[] _memory = new byte[Material.MaxPiece];
    private AsyncioTask? _reading;
    private AsyncioTask? _once; // one read of it, which can be cancelled

    private void StartReading() => _reading = Asyncio.CreateTask(ReadAllAsync());

    private async Coroutine StopReadingAsync()
    {
        await StopAsync(_reading);
        await StopAsync(_once);
        (_reading, _once) = (null, null);
    }

    private async Coroutine StopAsync(AsyncioTask? task)
    {
        task?.Cancel();
        try
        {
            if (task is not null)
                await task;
        }
        catch (CanceledException) when (task!.IsCanceled)
        {
        }
        catch (IOException) when (pair.IsAborted)
        {
        }
    }

    // Up to the peer's end, or as far as belongs to this part.
    private async Coroutine ReadAllAsync()
    {
        try
        {
            while (true)
            {
                var most = pair.IsEncrypted && Peer.HasPlanned ? Peer._total - _received : long.MaxValue;
                if (most == 0 || await ReadSomeAsync(most) == 0)
                    return;
                if (random.Next(4) == 0)
                    await TurnsAsync();
            }
        }
        catch (IOException) when (pair.IsAborted)
        {
        }
    }

    private async Coroutine<int> ReadSomeAsync(long most)
    {
        if (!pair.IsEncrypted && random.Next(3) > 0)
            return await ReadOnceAsync(most);
        var task = Asyncio.CreateTask(ReadOnceAsync(most));
        _once = task;
        if (random.Next(3) == 0)
        {
            await TurnsAsync();
            task.Cancel();
        }
        try
        {
            return await task;
        }
        catch (CanceledException) when (task.IsCanceled && Asyncio.CurrentTask!.CancelRequests == 0)
        {
            return -1;
        }
    }

    // 0 at the end; negative if it was in vain.
    private async Coroutine<int> ReadOnceAsync(long most)
    {
        var size = (int)Math.Min(1 + Size(), most);
        var memory = _memory.AsMemory(0, size);
        var way = random.Next(7);
        Note($"read {size} in way {way}");
        try
        {
            switch (way)
            {
                case 0:
                    return Check(await _reader.ReadAsync(size));
                case 1:
                    return Check(await _reader.ReadExactlyAsync(size));
                case 2:
                    await _reader.ReadExactlyAsync(memory);
                    return Check(memory.Span);
                case 3 when most == long.MaxValue:
                    return Check(await _reader.ReadUntilAsync([(byte)random.Next(256)]));
                case 4:
                    await _reader.WaitForDataAsync();
                    return _reader.TryRead(memory.Span, out var found) ? Check(memory[..found].Span) : -1;
                default:
                    var count = await _reader.ReadAsync(memory);
                    return Check(memory.Span[..count]);
            }
        }
        catch (IncompleteReadException e)
        {
            Check(e.Partial);
            return 0;
        }
        catch (LimitOverrunException)
        {
            return -1;
        }
    }

    private int Check(ReadOnlySpan<byte> data)
    {
        for (var rest = data; !rest.IsEmpty;)
        {
            var count = Math.Min(rest.Length, Material.MaxPiece);
            if (!rest[..count].SequenceEqual(Material.At(_received, count).Span))
                Fail($"something else than was sent in {count} bytes at {_received}");
            Volatile.Write(ref _received, _received + count);
            rest = rest[count..];
        }
        return data.Length;
    }
}
